import { Cron } from 'croner';
import { Temporal } from 'temporal-polyfill';
import { milliseconds } from './duration.ts';
import type { MaintenanceWindowSpec } from './maintenance-window.ts';
import type { ScheduleSpec } from './schedule.ts';

type Layer = ScheduleSpec['layers'][number];

/** Who is on call at an instant (milliseconds): override, else the highest layer that has begun. Undefined: nobody. */
export function onCallAt({ zone, layers, overrides }: ScheduleSpec, at: number): string | undefined {
  const override = overrides.findLast(({ from, until }) => Date.parse(from) <= at && at < Date.parse(until));
  if (override) return override.person;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  for (const layer of layers.toReversed()) {
    const turn = turnAt(layer, zone, local);
    if (turn !== undefined) return layer.people[turn % layer.people.length];
  }
  return undefined;
}

/** Turns are calendar units in the zone: a week with a clock change is 167 or 169 hours long. */
const turnAt = ({ start, turn }: Layer, zone: string, local: Temporal.ZonedDateTime): number | undefined => {
  const first = Temporal.PlainDateTime.from(start).toZonedDateTime(zone);
  if (Temporal.ZonedDateTime.compare(local, first) < 0) return undefined;
  const passed = first.until(local, { largestUnit: turn.unit });
  return Math.floor(passed[turn.unit] / turn.every);
};

/** The order in which people of a schedule are asked: who is on call first, then the others, last layer first. */
export const callOrder = (schedule: ScheduleSpec, at: number): string[] => {
  const first = onCallAt(schedule, at);
  const others = schedule.layers.toReversed().flatMap(({ people }) => people);
  return [...new Set([...(first === undefined ? [] : [first]), ...others])];
};

/**
 * The first instant from `from` on (milliseconds) at which `needMs` of work with its undoing fits between opening and
 * closing and touches no freeze. Undefined when none comes in the next `horizonMs` or 3,000 openings.
 */
export function nextSlot(
  { zone, opens, lasts, freezes }: MaintenanceWindowSpec,
  from: number,
  needMs: number,
  horizonMs = 90 * 86_400_000,
): number | undefined {
  const lastsMs = milliseconds(lasts);
  const blocked = freezes.map((freeze) => ({ from: Date.parse(freeze.from), until: Date.parse(freeze.until) }));
  const openingAfter = openingsOf(opens, zone);
  let slot: number | undefined;
  let end = Number.NEGATIVE_INFINITY;
  let start = from;
  // A window that is open already began up to its own length ago.
  for (
    let opening = openingAfter(from - lastsMs - longestShiftMs), seen = 0;
    opening !== undefined && opening <= from + horizonMs && seen < mostOpenings;
    opening = openingAfter(opening), seen += 1
  ) {
    // Windows that touch or overlap are one window.
    if (opening > end) {
      if (slot !== undefined) return slot;
      start = Math.max(from, opening);
    }
    end = Math.max(end, opening + lastsMs);
    slot = freeSlot(start, end, needMs, blocked);
    // A window that never closes has been looked at for long enough.
    if (slot !== undefined && end >= slot + needMs + lastsMs) return slot;
  }
  return slot;
}

const longestShiftMs = 3 * 3_600_000;
/** A window that opens each minute is looked at for days, not for months: looking takes time of the worker. */
const mostOpenings = 3_000;

/** The opening after an instant. One whose local time the clocks leave out comes later by as much as they leave out. */
const openingsOf = (opens: string, zone: string): ((after: number) => number | undefined) => {
  const cron = new Cron(opens, { timezone: zone, paused: true });
  const wall = new Cron(opens, { timezone: 'UTC', paused: true });
  return (after) => {
    const next = cron.nextRun(new Date(after));
    // Croner moves an opening that does not exist to the end of what is left out.
    if (!next || cron.match(next)) return next?.getTime();
    const before = Temporal.Instant.fromEpochMilliseconds(next.getTime() - 1).toZonedDateTimeISO(zone);
    const meant = wall.nextRun(new Date(before.toPlainDateTime().toZonedDateTime('UTC').epochMilliseconds));
    return (
      meant?.getTime() &&
      Temporal.Instant.fromEpochMilliseconds(meant.getTime())
        .toZonedDateTimeISO('UTC')
        .toPlainDateTime()
        .toZonedDateTime(zone).epochMilliseconds
    );
  };
};

const freeSlot = (
  start: number,
  end: number,
  needMs: number,
  blocked: readonly { from: number; until: number }[],
): number | undefined => {
  // Half-open: work that ends when a freeze begins touches it and is fine.
  const clash = blocked.find((freeze) => start < freeze.until && freeze.from < start + needMs);
  if (start + needMs > end) return undefined;
  if (clash) return clash.until > start ? freeSlot(clash.until, end, needMs, blocked) : undefined;
  return start;
};
