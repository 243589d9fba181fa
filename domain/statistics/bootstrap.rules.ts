import { type ConfidenceInterval, z95 } from './interval.rules.ts';
import { percentileOfSorted } from './percentile.rules.ts';
import { type Sorted, sortedOf, sumOf } from './summary.rules.ts';

const resamples = 2_000;
const seed = 20_161_128;
/** Of more values the mean is as good as normal, and resampling takes seconds. */
const mostResampled = 1_000;

/**
 * Percentile bootstrap of the mean (Efron, 1979) with a fixed seed, so that the same values always have the same interval,
 * whatever order they came in. Of more than 1,000 values the normal approximation. Undefined of fewer than two.
 */
export const intervalOfMean = (sorted: Sorted): ConfidenceInterval | undefined => {
  const n = sorted.length;
  if (n < 2) return undefined;
  const mean = sumOf(sorted) / n;
  if (n > mostResampled) {
    const variance = sumOf(sorted.map((value) => (value - mean) ** 2)) / (n - 1);
    const half = z95 * Math.sqrt(variance / n);
    return { low: mean - half, high: mean + half, method: 'normal' };
  }
  const next = random(seed);
  const means = sortedOf(
    Array.from({ length: resamples }, () => {
      let sum = 0;
      for (let drawn = 0; drawn < n; drawn += 1) sum += sorted[Math.floor(next() * n)]!;
      return sum / n;
    }),
  );
  return {
    low: Math.min(mean, percentileOfSorted(means, 0.025)!),
    high: Math.max(mean, percentileOfSorted(means, 0.975)!),
    method: 'bootstrap',
  };
};

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export const random = (from: number): (() => number) => {
  let state = from;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
