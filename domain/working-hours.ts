import { type Interval, intervalsFrom, type Place } from './calendar/hours.ts';
import { without } from './interval.rules.ts';
import type { ScheduleSpec } from './schedule.ts';
import type { TeamSpec } from './team.ts';
import type { DayHours } from './wall.ts';

/** The hours in which a team works, with the zone and the holidays that they follow. */
export type WorkingHours = Place & Required<DayHours>;

/** The hours of a team; unless it says them, Monday to Friday from 9 to 17 in the zone of its schedule, else in UTC. */
export const workingHoursOf = (
  { workingHours }: Pick<TeamSpec, 'workingHours'>,
  schedule?: Pick<ScheduleSpec, 'zone'>,
): WorkingHours => {
  const { zone = schedule?.zone ?? 'UTC', ...hours } = workingHours ?? usual;
  return { ...hours, zone };
};

const usual: NonNullable<TeamSpec['workingHours']> = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  until: '17:00',
  holidays: [],
};

/** Whether the instant (milliseconds) is in the hours. */
export const isWorking = (hours: WorkingHours, at: number): boolean => {
  for (const { from } of workFrom(hours, at)) return from <= at;
  return false;
};

/** The first instant from `at` on that is in the hours (milliseconds). */
export const nextWorking = (hours: WorkingHours, at: number): number => addWorking(hours, at, 0);

/** The instant at which `ms` of working time have passed since `from` (milliseconds), apart from pauses. */
export const addWorking = (hours: WorkingHours, from: number, ms: number, pauses: readonly Interval[] = []): number =>
  addWithin(workFrom(hours, from), from, ms, pauses);

const addWithin = (spans: Iterable<Interval>, from: number, ms: number, pauses: readonly Interval[]): number => {
  let left = ms;
  for (const work of spans)
    for (const { from: start, until } of without([{ from: Math.max(from, work.from), until: work.until }], pauses)) {
      if (start + left <= until) return start + left;
      left -= until - start;
    }
  throw new Error('there are working hours in every week without holidays');
};

interface Worked {
  from: number;
  spans: Interval[];
  further: Generator<Interval, void, undefined>;
}

/** Hours as far as they were worked out: a report asks for the same weeks a hundred thousand times. */
const worked = new WeakMap<WorkingHours, Worked>();
const asked = 31 * 86_400_000;

/** The intervals of the hours, from the one that lasts at the instant or comes next on. */
function* workFrom(hours: WorkingHours, at: number): Generator<Interval, void, undefined> {
  let known = worked.get(hours);
  if (known === undefined || at < known.from) {
    const from = at - asked;
    known = { from, spans: [], further: intervalsFrom(hours, hours, from) };
    worked.set(hours, known);
  }
  const { spans, further } = known;
  for (let index = firstAfter(spans, at); ; index += 1) {
    while (index >= spans.length) {
      const { value } = further.next();
      if (value === undefined) return;
      spans.push(value);
    }
    const span = spans[index]!;
    if (span.until > at) yield span;
  }
}

/** Where the first of the intervals is that ends after the instant. */
const firstAfter = (spans: readonly Interval[], at: number): number => {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle]!.until > at) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Where a goal stands: `met` and `breached` are for good. */
type SlaState = 'running' | 'paused' | 'at-risk' | 'breached' | 'met';

export interface SlaClock {
  /** Instants in milliseconds at which three quarters of the target, and all of it, are used up. */
  atRiskAt: number;
  dueAt: number;
  state: SlaState;
}

export interface SlaTimes {
  /** Instants and spans in milliseconds. */
  start: number;
  target: number;
  /** One without an end lasts still. */
  pauses: readonly { from: number; until?: number | undefined }[];
  /** Which time counts; all of it without. */
  hours: WorkingHours | undefined;
  /** When the goal was reached, if it was. */
  metAt?: number | undefined;
}

/** The clock of a goal at an instant (milliseconds). While it is paused, it is due as if the pause ended at that instant. */
export const slaClock = ({ start, target, pauses, hours, metAt }: SlaTimes, now: number): SlaClock => {
  const end = Math.min(now, metAt ?? now);
  const ended = pauses.map(({ from, until = Math.max(from, end) }) => ({ from, until }));
  const isPaused = pauses.some(({ from, until }) => from <= end && (until === undefined || end < until));
  const after = (ms: number): number =>
    addWithin(hours ? workFrom(hours, start) : [{ from: start, until: Number.POSITIVE_INFINITY }], start, ms, ended);
  const [atRiskAt, dueAt] = [after(target * 0.75), after(target)];
  const state = (): SlaState => {
    if (metAt !== undefined && metAt <= now) return metAt <= dueAt ? 'met' : 'breached';
    if (now >= dueAt) return 'breached';
    if (isPaused) return 'paused';
    return end >= atRiskAt ? 'at-risk' : 'running';
  };
  return { atRiskAt, dueAt, state: state() };
};
