import { Temporal } from 'temporal-polyfill';
import { type Day, type DayHours, weekdays } from '../wall.ts';

/** Where a clock hangs, and which dates are holidays there. */
export interface Place {
  zone: string;
  holidays: readonly string[];
}

/** Instants in milliseconds; what ends when another begins does not overlap it. */
export interface Interval {
  from: number;
  until: number;
}

/**
 * The intervals in which these hours are, in order, from the one that lasts at `from` or comes next on to the last that
 * begins before `until` (milliseconds). Times that the clocks leave out come later by as much, those that they show
 * twice at the first.
 */
export function* intervalsFrom(
  hours: DayHours,
  place: Place,
  from: number,
  until = Number.POSITIVE_INFINITY,
): Generator<Interval, void, undefined> {
  let date = localAt(from, place.zone).toPlainDate().subtract({ days: 2 });
  for (; startOf(date, place.zone) < until + day; date = date.add({ days: 1 })) {
    const interval = intervalOn(hours, place, date);
    if (interval && interval.until > from && interval.from < until) yield interval;
  }
}

/** Whether these hours are at the instant (milliseconds). */
export const isWithin = (hours: DayHours, place: Place, at: number): boolean =>
  intervalsFrom(hours, place, at, at + 1).next().value !== undefined;

export const localAt = (at: number, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

/** The instant (milliseconds) at which the wall shows a local time, by the rule of `intervalsFrom`. */
export const instantOf = (local: string, zone: string): number =>
  Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;

const day = 86_400_000;

const startOf = (date: Temporal.PlainDate, zone: string): number => date.toZonedDateTime(zone).epochMilliseconds;

const intervalOn = ({ days, from, until }: DayHours, place: Place, date: Temporal.PlainDate): Interval | undefined => {
  const kind: Day = place.holidays.includes(date.toString()) ? 'holiday' : weekdays[date.dayOfWeek - 1]!;
  if (days && !days.includes(kind)) return undefined;
  const end = until > from ? date : date.add({ days: 1 });
  const interval = {
    from: instantOf(`${date.toString()}T${from}`, place.zone),
    until: instantOf(`${end.toString()}T${until}`, place.zone),
  };
  return interval.from < interval.until ? interval : undefined;
};
