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
export const onCallAt = (schedule: ScheduleSpec, at: number): string | undefined => {
  const isOpen: IsOpen = ({ restrictions }, instant) =>
    restrictions.some((hours) => isWithin(hours, schedule, instant));
  return dutyOf(schedule, isOpen)(at)?.person;
};

/** The order in which people of a schedule are asked: who is on call first, then the others, last layer first. */
export const callOrder = (schedule: ScheduleSpec, at: number): string[] => {
  const first = onCallAt(schedule, at);
  const others = layersAt(schedule, at)
    .layers.toReversed()
    .flatMap(({ people }) => people);
  return [...new Set([...(first === undefined ? [] : [first]), ...others])];
};

/** Everybody who has turns in the schedule, now or by a change; each once. */
export const peopleOf = (schedule: Pick<ScheduleSpec, 'layers' | 'changes'>): string[] => [
  ...new Set(allLayersOf(schedule).flatMap(({ people }) => people)),
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

/** True when the person, and nobody else, is on call for the whole of a time (milliseconds). */
export const hasAllOf = (schedule: ScheduleSpec, person: string, { from, until }: Interval): boolean => {
  const shifts = shiftsOf(schedule, from, until);
  return shifts.every((shift) => shift.person === person) && gapsBetween(shifts, { from, until }).length === 0;
};

/** The times within a time in which nobody is on call, in order. */
export const gapsOf = (schedule: ScheduleSpec, from: number, until: number): Interval[] =>
  gapsBetween(dutiesOf(schedule, from, until), { from, until });

/** What a time has apart from others, which stand in it in order. */
export const gapsBetween = (others: readonly Interval[], { from, until }: Interval): Interval[] => {
  const edges = [from, ...others.flatMap((other) => [other.from, other.until]), until];
  return edges.flatMap((edge, at) => {
    const next = edges[at + 1];
    return at % 2 === 0 && next !== undefined && edge < next ? [{ from: edge, until: next }] : [];
  });
};

/** The duties of a time, in order and clipped to it: one for each turn, or for each part of a turn. */
export const dutiesOf = (schedule: ScheduleSpec, from: number, until: number): (Duty & Interval)[] => {
  const open = openIn(schedule, from, until);
  const at = dutyOf(schedule, (layer, instant) =>
    open.get(layer)!.some((time) => time.from <= instant && instant < time.until),
  );
  const edges = [...edgesOf(schedule, from, until, open)].filter((edge) => from < edge && edge < until);
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

type IsOpen = (layer: Layer, at: number) => boolean;

/** Answers who has the duty at an instant. */
const dutyOf = (schedule: ScheduleSpec, isOpen: IsOpen): ((at: number) => Duty | undefined) => {
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
      if (turn !== undefined && (layer.restrictions.length === 0 || isOpen(layer, at)))
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

const allLayersOf = ({ layers, changes }: Pick<ScheduleSpec, 'layers' | 'changes'>): Layer[] =>
  [layers, ...changes.map((change) => change.layers)].flat();

/** The hours to which each layer is restricted, in a time: looked up once for all instants of it. */
const openIn = (schedule: ScheduleSpec, from: number, until: number): Map<Layer, Interval[]> =>
  new Map(
    allLayersOf(schedule).map((layer) => [
      layer,
      layer.restrictions.flatMap((hours) => [...intervalsFrom(hours, schedule, from, until)]),
    ]),
  );

/** Every instant of a time at which somebody else may come on call. */
function* edgesOf(
  { zone, changes, overrides }: ScheduleSpec,
  from: number,
  until: number,
  open: ReadonlyMap<Layer, readonly Interval[]>,
): Generator<number, void, undefined> {
  for (const override of overrides) yield* [Date.parse(override.from), Date.parse(override.until)];
  for (const change of changes) yield instantOf(change.from, zone);
  for (const [layer, times] of open) {
    yield* handoffsIn(layer, zone, from, until);
    if (layer.end !== undefined) yield instantOf(layer.end, zone);
    for (const time of times) yield* [time.from, time.until];
  }
  // Where the clocks change, the wall may show a time that has been.
  let change = localAt(from, zone).getTimeZoneTransition('next');
  for (; change && change.epochMilliseconds < until; change = change.getTimeZoneTransition('next'))
    yield change.epochMilliseconds;
}
