import type { Interval } from '../calendar/hours.ts';
import { intersection, lengthOf, union, without } from '../interval.rules.ts';

/** What users had of a service, by the hour; what is in none of them was well. Instants in milliseconds. */
export interface Disturbances {
  full: readonly Interval[];
  partial: readonly Interval[];
  degraded: readonly Interval[];
  /** Agreed maintenance, or what the customer caused: counts neither as up nor as down. */
  excluded: readonly Interval[];
}

/** How much of each state counts as down, from 0 to 1. No standard sets these: a report prints them. */
export interface Weights {
  partial: number;
  degraded: number;
}

export const usualWeights: Weights = { partial: 0.3, degraded: 0 };

export interface Availability {
  /** From 0 to 1. Undefined where no time was agreed. */
  value: number | undefined;
  /** Agreed service time, and what of it counts as down, in milliseconds. */
  agreedMs: number;
  downMs: number;
  /** Down for all users, by their number and their time: what the reliability of a service is counted by. */
  failures: number;
  failureMs: number;
}

/**
 * Availability by time: (AST - DT) / AST. Clipped to the period, each state united, exclusions taken out; what is down for all is not
 * also down for some.
 */
export const availabilityOf = (
  period: Interval,
  { full, partial, degraded, excluded }: Disturbances,
  weights: Weights = usualWeights,
): Availability => {
  const agreed = without([period], union(excluded));
  const down = intersection(agreed, union(full));
  const some = without(intersection(agreed, union(partial)), down);
  const slow = without(intersection(agreed, union(degraded)), [...down, ...some]);
  const agreedMs = lengthOf(agreed);
  const downMs = lengthOf(down) + weights.partial * lengthOf(some) + weights.degraded * lengthOf(slow);
  return {
    value: agreedMs === 0 ? undefined : (agreedMs - downMs) / agreedMs,
    agreedMs,
    downMs,
    failures: without(intersection([period], union(full)), union(excluded)).length,
    failureMs: lengthOf(down),
  };
};

/** Times between failures, in milliseconds. Where nothing failed, they are longer than the period: undefined. */
export interface Reliability {
  mtrs: number | undefined;
  mtbf: number | undefined;
  mtbsi: number | undefined;
}

/** Mean times to restore service, between failures (up) and between service incidents, which is the sum of both. */
export const reliabilityOf = ({ agreedMs, failures, failureMs }: Availability): Reliability => {
  if (failures === 0) return { mtrs: undefined, mtbf: undefined, mtbsi: undefined };
  return { mtrs: failureMs / failures, mtbf: (agreedMs - failureMs) / failures, mtbsi: agreedMs / failures };
};

/** Of parts that are all needed, where they fail independently of each other. */
export const inSeries = (parts: readonly number[]): number => parts.reduce((product, part) => product * part, 1);

/** Of parts of which one is enough, where they fail independently of each other. */
export const redundant = (parts: readonly number[]): number => 1 - inSeries(parts.map((part) => 1 - part));

/** Good of all over the whole period, never the mean of ratios. Undefined where there was nothing. */
export const ofRequests = (counts: readonly { good: number; total: number }[]): number | undefined => {
  const total = counts.reduce((sum, count) => sum + count.total, 0);
  return total === 0 ? undefined : counts.reduce((sum, count) => sum + count.good, 0) / total;
};
