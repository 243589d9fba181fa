import { handoffsIn, turnAt } from './calendar/turn.ts';
import { instantOf, type Interval, intervalsFrom, isWithin, localAt } from './calendar/hours.ts';
import type { Layer, ScheduleSpec } from './schedule.ts';

/** Somebody on call: by an override, or by a turn of a layer. Versions and layers count from 1, turns from 0. */
export type Duty = { person: string } & ({ layer: 'override' } | { layer: number; version: number; turn: number });

/** Who is on call from when until when (milliseconds), and by which layer, counted from 1. */
export interface Shift extends Interval {
  person: string;
  layer: number | 'override';
}

/**
 * Who is on call at an instant (milliseconds): the last override that covers it, else the highest layer that has begun,
 * has not ended and is not restricted to other hours. Undefined: nobody.
 */
export const onCallAt = (schedule: ScheduleSpec, at: number): string | undefined => dutyOf(schedule)(at)?.person;

/** The order in which people of a schedule are asked: who is on call first, then the others, last layer first. */
export const callOrder = (schedule: ScheduleSpec, at: number): string[] => {
  const first = onCallAt(schedule, at);
  const others = layersAt(schedule, at)
    .layers.toReversed()
    .flatMap(({ people }) => people);
  return [...new Set([...(first === undefined ? [] : [first]), ...others])];
};

/** Everybody who has turns in the schedule, now or by a change; each once. */
export const peopleOf = ({ layers, changes }: Pick<ScheduleSpec, 'layers' | 'changes'>): string[] => [
  ...new Set([...layers, ...changes.flatMap((change) => change.layers)].flatMap(({ people }) => people)),
];

/** The shifts of a time, in order, clipped to it; a person whose turns follow each other in one layer has one shift. */
export const shiftsOf = (schedule: ScheduleSpec, from: number, until: number): Shift[] => {
  const shifts: Shift[] = [];
  for (const { person, layer, ...span } of dutiesOf(schedule, from, until)) {
    const last = shifts.at(-1);
    if (last?.until === span.from && last.person === person && last.layer === layer) last.until = span.until;
    else shifts.push({ person, from: span.from, until: span.until, layer });
  }
  return shifts;
};

/** The times within a time in which nobody is on call, in order. */
export const gapsOf = (schedule: ScheduleSpec, from: number, until: number): Interval[] => {
  const shifts = shiftsOf(schedule, from, until);
  const edges = [from, ...shifts.flatMap((shift) => [shift.from, shift.until]), until];
  return edges.flatMap((edge, at) => {
    const next = edges[at + 1];
    return at % 2 === 0 && next !== undefined && edge < next ? [{ from: edge, until: next }] : [];
  });
};

/** The duties of a time, in order and clipped to it: one for each turn, or for each part of a turn. */
export const dutiesOf = (schedule: ScheduleSpec, from: number, until: number): (Duty & Interval)[] => {
  const at = dutyOf(schedule);
  const edges = [...edgesOf(schedule, from, until)].filter((edge) => from < edge && edge < until);
  const starts = [...new Set([from, ...edges])].toSorted((a, b) => a - b);
  const duties: (Duty & Interval)[] = [];
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? until;
    const duty = start < end ? at(start) : undefined;
    const last = duties.at(-1);
    if (duty && last?.until === start && isSame(last, duty)) last.until = end;
    else if (duty) duties.push({ ...duty, from: start, until: end });
  }
  return duties;
};

const isSame = (one: Duty, other: Duty): boolean =>
  one.person === other.person && one.layer === other.layer && turnIn(one) === turnIn(other);

const turnIn = (duty: Duty): string => (duty.layer === 'override' ? '' : `${duty.version}/${duty.turn}`);

/** Answers who has the duty at an instant. */
const dutyOf = (schedule: ScheduleSpec): ((at: number) => Duty | undefined) => {
  const overrides = schedule.overrides.map(({ from, until, person }) => ({
    person,
    from: Date.parse(from),
    until: Date.parse(until),
  }));
  return (at) => {
    const override = overrides.findLast(({ from, until }) => from <= at && at < until);
    if (override) return { person: override.person, layer: 'override' };
    const { layers, version } = layersAt(schedule, at);
    for (const [index, layer] of [...layers.entries()].toReversed()) {
      const turn = isOver(layer, schedule.zone, at) ? undefined : turnAt(layer, schedule.zone, at);
      if (turn !== undefined && isUnrestricted(layer, schedule, at))
        return { person: layer.people[turn % layer.people.length]!, layer: index + 1, version, turn };
    }
    return undefined;
  };
};

/** The layers that count at an instant: those of the last change that has come. */
const layersAt = ({ zone, layers, changes }: ScheduleSpec, at: number): { layers: Layer[]; version: number } => {
  const last = changes.findLastIndex(({ from }) => instantOf(from, zone) <= at);
  return { layers: changes[last]?.layers ?? layers, version: last + 2 };
};

const isOver = ({ end }: Layer, zone: string, at: number): boolean => end !== undefined && instantOf(end, zone) <= at;

const isUnrestricted = ({ restrictions }: Layer, schedule: ScheduleSpec, at: number): boolean =>
  restrictions.length === 0 || restrictions.some((hours) => isWithin(hours, schedule, at));

/** Every instant of a time at which somebody else may come on call. */
function* edgesOf(schedule: ScheduleSpec, from: number, until: number): Generator<number, void, undefined> {
  const { zone, layers, changes, overrides } = schedule;
  for (const override of overrides) yield* [Date.parse(override.from), Date.parse(override.until)];
  for (const change of changes) yield instantOf(change.from, zone);
  for (const layer of [layers, ...changes.map((change) => change.layers)].flat()) {
    yield* handoffsIn(layer, zone, from, until);
    if (layer.end !== undefined) yield instantOf(layer.end, zone);
    for (const hours of layer.restrictions)
      for (const interval of intervalsFrom(hours, schedule, from, until)) yield* [interval.from, interval.until];
  }
  // Where the clocks change, the wall may show a time that has been.
  let change = localAt(from, zone).getTimeZoneTransition('next');
  for (; change && change.epochMilliseconds < until; change = change.getTimeZoneTransition('next'))
    yield change.epochMilliseconds;
}
