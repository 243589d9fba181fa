import { openingsFrom } from '../calendar/opening.ts';
import { milliseconds } from '../duration.ts';
import type { RoutineSpec } from '../routine.ts';

type Rule = Pick<RoutineSpec, 'missed' | 'within'>;
type Timing = Rule & Pick<RoutineSpec, 'cron' | 'zone'>;

/** A time at which a routine was due, and what becomes of it. */
export interface Slot {
  /** Milliseconds. */
  dueAt: number;
  becomes: 'due' | 'missed' | 'skipped';
  why?: string;
}

/** Nothing opens from then on (milliseconds). */
export interface Pause {
  since: number;
  why: string;
}

/** So late or later, a run is made up and no longer on time. */
export const onTimeMs = 15 * 60_000;
/** A look settles so many times; the next one goes on behind them. */
export const mostSlots = 500;

/** The times (milliseconds) at which a routine is due, from an instant on and before another one, in order; at most so many. */
export const dueBetween = (
  { cron: opens, zone }: Pick<Timing, 'cron' | 'zone'>,
  from: number,
  until: number,
  most = mostSlots,
): number[] => {
  const due: number[] = [];
  for (const at of openingsFrom({ opens, zone }, from)) {
    if (at >= until || due.length === most) break;
    due.push(at);
  }
  return due;
};

/** Why a run that would begin now is not made up; undefined where it is on time, or its rule makes it up. */
export const whyMissed = (
  { missed, within }: Rule,
  { dueAt, isNewest }: { dueAt: number; isNewest: boolean },
  now: number,
): string | undefined => {
  if (now - dueAt < onTimeMs) return undefined;
  if (missed === 'skip') return 'nothing could run at its time, and it makes up for nothing';
  if (now - dueAt > milliseconds(within)) return `nothing could run within ${within} of its time`;
  return missed === 'one' && !isNewest
    ? 'nothing could run at its time, and a newer one is run in its place'
    : undefined;
};

/**
 * What becomes of the times at which a routine was due behind `after` and until `now`, and until when all of them are
 * settled. The same times are settled alike whoever asks, so that nobody has to be believed which of them it is.
 */
export const settleSlots = (
  routine: Timing,
  { after, now, pause, most = mostSlots }: { after: number; now: number; pause?: Pause | undefined; most?: number },
): { slots: Slot[]; until: number; isMore: boolean } => {
  const due = dueBetween(routine, after + 1, now + 1, most + 1);
  const isMore = due.length > most;
  const settled = due.slice(0, most);
  const slots = settled.map((dueAt): Slot => {
    if (pause && dueAt >= pause.since) return { dueAt, becomes: 'skipped', why: pause.why };
    const why = whyMissed(routine, { dueAt, isNewest: dueAt === due.at(-1) }, now);
    return why === undefined ? { dueAt, becomes: 'due' } : { dueAt, becomes: 'missed', why };
  });
  return { slots, until: isMore ? settled.at(-1)! : now, isMore };
};
