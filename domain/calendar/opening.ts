import { Cron } from 'croner';
import { Temporal } from 'temporal-polyfill';

/** When a window opens: the pattern speaks of the clock on the wall of the zone. */
export interface Opening {
  opens: string;
  zone: string;
}

/**
 * The openings from an instant on (milliseconds), in order. Each time of the wall that the pattern names is one opening:
 * one that the clocks leave out comes later by as much as they leave out, one that they show twice comes at the first,
 * or at both where the pattern names no hour.
 */
export function* openingsFrom({ opens, zone }: Opening, from: number): Generator<number, void, undefined> {
  const wall = new Cron(opens, { timezone: 'UTC', paused: true });
  const takesBoth = namesNoHour(opens);
  let waiting: number[] = [];
  for (let next = wall.nextRun(new Date(firstWallTime(from, zone) - 1_000)); next; next = wall.nextRun(next)) {
    const { instants, isLeftOut } = instantsOf(next, zone, takesBoth);
    waiting = [...waiting, ...instants].toSorted((a, b) => a - b);
    // What was moved out of a gap stands among openings that are still to come.
    if (!isLeftOut) {
      const due = waiting.filter((instant) => instant <= instants[0]!);
      waiting = waiting.slice(due.length);
      yield* new Set(due.filter((instant) => instant >= from));
    }
  }
  yield* new Set(waiting.filter((instant) => instant >= from));
}

/** Whether a pattern names some time of the wall at all; whether that has passed is not asked. */
export const everOpens = (opens: string): boolean => {
  if (isDate.test(opens) && !isLocal(opens)) return false;
  try {
    return new Cron(opens, { timezone: 'UTC', paused: true }).nextRun(new Date(Date.UTC(2000, 0))) !== null;
  } catch {
    return false;
  }
};

const isDate = /^\s*\d{4}-/;

const isLocal = (text: string): boolean => {
  try {
    return (
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) &&
      Temporal.PlainDateTime.from(text, { overflow: 'reject' }).year >= 2000
    );
  } catch {
    return false;
  }
};

/** As cron has it: a field that begins with a star. */
const namesNoHour = (opens: string): boolean => {
  const fields = opens.trim().split(/\s+/);
  const hour = fields.length === 5 ? fields[1] : fields[2];
  return hour?.startsWith('*') ?? opens.trim().toLowerCase() === '@hourly';
};

/** The wall at the instant; with what the clocks left out in the day before, whose openings may be still to come. */
const firstWallTime = (from: number, zone: string): number => {
  const now = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  const dayBefore = Temporal.Instant.fromEpochMilliseconds(from - 86_400_000).toZonedDateTimeISO(zone);
  const leftOut = Math.max(0, now.offsetNanoseconds - dayBefore.offsetNanoseconds) / 1e6;
  return from + now.offsetNanoseconds / 1e6 - leftOut;
};

const instantsOf = (wall: Date, zone: string, takesBoth: boolean): { instants: number[]; isLeftOut: boolean } => {
  const meant = plainOf(wall);
  const first = meant.toZonedDateTime(zone);
  const isLeftOut = !first.toPlainDateTime().equals(meant);
  const second = takesBoth && !isLeftOut ? meant.toZonedDateTime(zone, { disambiguation: 'later' }) : first;
  return { instants: [...new Set([first.epochMilliseconds, second.epochMilliseconds])], isLeftOut };
};

const plainOf = (wall: Date): Temporal.PlainDateTime =>
  new Temporal.PlainDateTime(
    wall.getUTCFullYear(),
    wall.getUTCMonth() + 1,
    wall.getUTCDate(),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
  );
