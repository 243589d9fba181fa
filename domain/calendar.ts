import { openingsFrom } from './calendar/opening.ts';
import { milliseconds } from './duration.ts';
import type { MaintenanceWindowSpec } from './maintenance-window.ts';

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
  let slot: number | undefined;
  let end = Number.NEGATIVE_INFINITY;
  let start = from;
  let seen = 0;
  // A window that is open already began up to its own length ago.
  for (const opening of openingsFrom({ opens, zone }, from - lastsMs)) {
    if (opening > from + horizonMs || seen === mostOpenings) break;
    seen += 1;
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

/** A window that opens each minute is looked at for days, not for months: looking takes time of the worker. */
const mostOpenings = 3_000;

/** Whether a window is open at an instant (milliseconds); a freeze closes it to work, and not to what it silences. */
export function isOpenAt(
  { zone, opens, lasts }: Pick<MaintenanceWindowSpec, 'zone' | 'opens' | 'lasts'>,
  at: number,
): boolean {
  for (const opening of openingsFrom({ opens, zone }, at - milliseconds(lasts))) {
    if (opening > at) return false;
    if (at < opening + milliseconds(lasts)) return true;
  }
  return false;
}

/** Whether `needMs` of work ever fits between opening and closing, freezes aside, whatever the time is. */
export function everFits({ zone, opens, lasts }: MaintenanceWindowSpec, needMs: number): boolean {
  let [first, start, end] = [Number.NaN, 0, Number.NEGATIVE_INFINITY];
  let seen = 0;
  for (const opening of openingsFrom({ opens, zone }, Date.UTC(2000, 0))) {
    if (seen === 0) first = opening;
    if (opening > end) start = opening;
    end = Math.max(end, opening + milliseconds(lasts));
    if (end - start >= needMs) return true;
    seen += 1;
    // One that has not closed yet may stay open for as long as it takes.
    if (seen === mostOpenings) return start === first;
  }
  return false;
}

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
