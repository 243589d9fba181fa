import { chanceOfSoFew } from '../problem/effectiveness.rules.ts';
import { fewestForPercentiles } from '../statistics/summary.rules.ts';
import type { Computed } from './computation.ts';
import { type Definition, definitions } from './definition.ts';
import type { Finding } from './finding.ts';

/** What can be said of a difference: most are not distinguishable from none. */
export interface Comparison {
  verdict: 'better' | 'worse' | 'changed' | 'not-distinguishable' | 'inconclusive';
  difference: number | null;
  /** Where the difference probably lies, with 95 %. */
  interval?: { low: number; high: number };
  /** Chance of a difference as large where there is none. */
  p?: number;
  why: string;
}

/** Compares a record with an earlier one, as of `now` (milliseconds): what has not passed yet is no time in which anything could have happened. */
export const compareRecords = (before: Computed, after: Computed, now: number): Comparison => {
  const compared = ({ figures, inputs, period }: Computed): Compared => ({
    ...figures,
    inputs,
    days: (Math.min(now, Date.parse(period.until)) - Date.parse(period.from)) / 86_400_000,
  });
  return compare(definitions[after.metric], compared(before), compared(after));
};

interface Compared extends Finding {
  /** Length of the period in days. */
  days: number;
}

const significance = 0.05;

/**
 * Compares a figure with an earlier one. Where both have an interval, by the interval of the difference that follows from them (MOVER;
 * Newcombe's of shares); counts by the conditional binomial test. By default they are not distinguishable.
 */
export const compare = (
  { unit, better }: Pick<Definition, 'unit' | 'better'>,
  before: Compared,
  after: Compared,
): Comparison => {
  const [old, now] = [before.value, after.value];
  if (old === null || now === null)
    return {
      verdict: 'inconclusive',
      difference: null,
      why: (old === null ? before.why : after.why) ?? 'one has no value',
    };
  const difference = now - old;
  const said = (isClear: boolean, why: string): Comparison => ({
    verdict: !isClear
      ? 'not-distinguishable'
      : better === 'neither'
        ? 'changed'
        : difference > 0 === (better === 'higher')
          ? 'better'
          : 'worse',
    difference,
    why,
  });
  if (before.interval && after.interval) {
    if (unit !== 'share' && Math.min(before.n, after.n) < fewestForPercentiles)
      return { verdict: 'inconclusive', difference, why: `fewer than ${fewestForPercentiles} cases` };
    const low = difference - Math.hypot(now - after.interval.low, before.interval.high - old);
    const high = difference + Math.hypot(after.interval.high - now, old - before.interval.low);
    const isClear = low > 0 || high < 0;
    return {
      ...said(isClear, isClear ? 'no difference lies outside of the interval' : 'the interval contains no difference'),
      interval: { low, high },
    };
  }
  const isCounted = unit === 'count' || unit === 'per-day' || unit === 'per-shift';
  if (!isCounted)
    return { verdict: 'inconclusive', difference, why: 'there is no test for a difference of this metric' };
  const p = chanceOfSoUneven({ incidents: before.n, days: before.days }, { incidents: after.n, days: after.days });
  if (p === undefined) return said(false, 'nothing was counted');
  return { ...said(p < significance, `${before.n} in ${before.days} days, ${after.n} in ${after.days}`), p };
};

type Counted = Parameters<typeof chanceOfSoFew>[0];

/** Two-sided: chance of counts that differ as much or more, if the rate has not changed. */
const chanceOfSoUneven = (before: Counted, after: Counted): number | undefined => {
  const fewer = chanceOfSoFew(before, after);
  if (fewer === undefined) return undefined;
  const more =
    after.incidents === 0
      ? 1
      : 1 -
        chanceOfSoFew({ ...before, incidents: before.incidents + 1 }, { ...after, incidents: after.incidents - 1 })!;
  return Math.min(1, 2 * Math.min(fewer, more));
};
