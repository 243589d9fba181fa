import { percentileOfSorted } from './percentile.rules.ts';

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

/** Values in ascending order. */
export type Sorted = Float64Array & { readonly sorted: unique symbol };

/** Sums over sorted values never depend on the order in which the values came. */
export const sortedOf = (values: readonly number[]): Sorted => Float64Array.from(values).toSorted() as Sorted;

/** Undefined where there is no value. */
export const summaryOf = (sorted: Sorted): Summary | undefined => {
  const n = sorted.length;
  if (n === 0) return undefined;
  const isEnough = n >= fewestForPercentiles;
  return {
    n,
    mean: sumOf(sorted) / n,
    geometricMean: sorted[0]! > 0 ? Math.exp(sumOf(sorted.map((value) => Math.log(value))) / n) : undefined,
    median: isEnough ? percentileOfSorted(sorted, 0.5) : undefined,
    p90: isEnough ? percentileOfSorted(sorted, 0.9) : undefined,
  };
};

export const sumOf = (values: readonly number[] | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};
