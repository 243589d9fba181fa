import { z } from 'zod';
import type { Interval } from './calendar/hours.ts';
import { handoff, turnAt } from './calendar/turn.ts';
import { sha256 } from './digest.ts';
import { type Duty, dutiesOf, gapsBetween } from './on-call.ts';
import type { Layer, ScheduleSpec } from './schedule.ts';

/** A calendar that whoever has its address can read: of a schedule, or of a person in all schedules. */
export const CalendarFeed = z.strictObject({
  id: z.uuid(),
  of: z.union([z.strictObject({ schedule: z.string() }), z.strictObject({ person: z.string() })]),
  /** The person whose it is. */
  owner: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
});
export type CalendarFeed = z.infer<typeof CalendarFeed>;

/** A shift with an identity: who has it may change, or how long. */
export interface NumberedShift extends Interval {
  uid: string;
  person: string;
  /** The layer never hands over: the person stays on call. */
  isOpenEnded: boolean;
}

/**
 * The shifts that touch a time (milliseconds), whole. The identity is that of the shift as the layers have it: it stays when
 * people swap, and also when a part of it is taken over, which gets one of its own.
 */
export const numberedShifts = (name: string, schedule: ScheduleSpec, from: number, until: number): NumberedShift[] => {
  const around = wholeTurns(schedule, from, until);
  const turns = { ...schedule, overrides: [] };
  const taken = dutiesOf(schedule, around.from, around.until);
  const counts = new Map<string, number>();
  const duties = dutiesOf(turns, around.from, around.until);
  const planned = duties.flatMap((duty) => {
    const shift = `${name}/${placeOf(duty)}`;
    const number = counts.get(shift) ?? 0;
    counts.set(shift, number + 1);
    return within(taken, duty).map((part, at) => ({
      ...part,
      uid: uidOf(`${shift}/${number}/${at}`),
      isOpenEnded: isOpenEnded(schedule, duty),
    }));
  });
  const unplanned = gapsBetween(duties, around).flatMap((gap) =>
    within(taken, gap).map((part) => ({ ...part, uid: uidOf(`${name}/override/${part.from}`), isOpenEnded: false })),
  );
  return [...planned, ...unplanned]
    .filter((shift) => shift.from < until && from < shift.until)
    .toSorted((a, b) => a.from - b.from);
};

const uidOf = (shift: string): string => `${sha256(shift)}@evenkeel`;

const placeOf = (duty: Duty): string =>
  duty.layer === 'override' ? duty.layer : `${duty.version}/${duty.layer}/${duty.turn}`;

/** The parts of a time, each with who has it; a person with one after the other has one. */
const within = (duties: readonly (Duty & Interval)[], time: Interval): (Interval & { person: string })[] => {
  const parts: (Interval & { person: string })[] = [];
  for (const { person, from, until } of duties) {
    const part = { person, from: Math.max(from, time.from), until: Math.min(until, time.until) };
    const last = parts.at(-1);
    if (part.from >= part.until) continue;
    if (last?.until === part.from && last.person === person) last.until = part.until;
    else parts.push(part);
  }
  return parts;
};

/** The time, with the turns and overrides at its ends as a whole: what is cut off at the end of a time moves on with it. */
const wholeTurns = ({ zone, layers, changes, overrides }: ScheduleSpec, from: number, until: number): Interval => {
  const edge = (layer: Layer, at: number, more: number): number => {
    const turn = turnAt(layer, zone, at);
    return turn === undefined ? at : handoff(layer, zone, turn + more);
  };
  const all = [layers, ...changes.map((change) => change.layers)].flat();
  const touching = overrides
    .map((override) => ({ from: Date.parse(override.from), until: Date.parse(override.until) }))
    .filter((override) => override.from < until && from < override.until);
  return {
    from: Math.min(from, ...touching.map((time) => time.from), ...all.map((layer) => edge(layer, from, 0))),
    until: Math.max(until, ...touching.map((time) => time.until), ...all.map((layer) => edge(layer, until, 1))),
  };
};

const isOpenEnded = ({ layers, changes }: ScheduleSpec, duty: Duty): boolean => {
  if (duty.layer === 'override') return false;
  const layer = (changes[duty.version - 2]?.layers ?? layers)[duty.layer - 1]!;
  return layer.people.length === 1 && layer.end === undefined;
};
