import type { Interval } from '../calendar/hours.ts';
import { intersection, union } from '../interval.rules.ts';
import { type Disturbances, inSeries, redundant } from './uptime.rules.ts';

/** Services that another one needs directly: each of these, and one of each of these groups. */
export interface Needs {
  all: readonly string[];
  oneOf: readonly (readonly string[])[];
}

/** How a service was disturbed; what was down for all was down for some as well, and slow. */
export type Disturbed = Omit<Disturbances, 'excluded'>;

export interface Composed {
  disturbed: Disturbed;
  /** From 0 to 1; undefined where a part has none. */
  expected: number | undefined;
}

/**
 * How a service was disturbed together with all that it needs, directly or not: as soon as one that it needs is, and of a group as long as
 * all are. Beside it what the availabilities of the parts make if they fail independently of each other: their product, and of a group
 * 1 - product of (1 - A). Of services that need each other in a circle, each counts by itself where the circle closes.
 */
export const compose = (
  service: string,
  needsOf: (service: string) => Needs,
  partOf: (service: string) => Composed,
): Composed => {
  const known = new Map<string, Composed>();
  const of = (name: string): Composed => {
    const found = known.get(name);
    if (found) return found;
    const own = partOf(name);
    known.set(name, own);
    const { all, oneOf } = needsOf(name);
    const composed = together([own, ...all.map(of), ...oneOf.map((group) => oneIsEnough(group.map(of)))]);
    known.set(name, composed);
    return composed;
  };
  return of(service);
};

const together = (parts: readonly Composed[]): Composed => ({
  disturbed: eachState((of) => union(parts.flatMap(({ disturbed }) => of(disturbed)))),
  expected: whereKnown(parts, inSeries),
});

const oneIsEnough = (parts: readonly Composed[]): Composed => ({
  disturbed: eachState((of) =>
    parts.map(({ disturbed }) => union(of(disturbed))).reduce((one, other) => intersection(one, other)),
  ),
  expected: whereKnown(parts, redundant),
});

/** What is down for all counts as down for some, too, so that two halves of an outage meet. */
const eachState = (combine: (of: (disturbed: Disturbed) => readonly Interval[]) => Interval[]): Disturbed => ({
  full: combine(({ full }) => full),
  partial: combine(({ full, partial }) => [...full, ...partial]),
  degraded: combine(({ full, partial, degraded }) => [...full, ...partial, ...degraded]),
});

const whereKnown = (parts: readonly Composed[], formula: (values: readonly number[]) => number): number | undefined => {
  const values = parts.flatMap(({ expected }) => expected ?? []);
  return values.length === parts.length ? formula(values) : undefined;
};
