import { ascending, percentileOfSorted } from './percentile.rules.ts';

/** What a mean alone would hide. */
export interface Summary {
  n: number;
  mean: number;
  /** Undefined where a value is not above zero. */
  geometricMean: number | undefined;
  /** Undefined where there are too few values to say: then the values themselves say more. */
  median: number | undefined;
  p90: number | undefined;
}

/** Below so many values no percentile is given. */
export const fewestForPercentiles = 5;

/** Undefined where there is no value. Sums run over the values in ascending order, so that none depends on the order in which they came. */
export const summaryOf = (values: readonly number[]): Summary | undefined => {
  const n = values.length;
  if (n === 0) return undefined;
  const sorted = values.toSorted(ascending);
  const isEnough = n >= fewestForPercentiles;
  return {
    n,
    mean: sumOf(sorted) / n,
    geometricMean: sorted[0]! > 0 ? Math.exp(sumOf(sorted.map(Math.log)) / n) : undefined,
    median: isEnough ? percentileOfSorted(sorted, 0.5) : undefined,
    p90: isEnough ? percentileOfSorted(sorted, 0.9) : undefined,
  };
};

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
