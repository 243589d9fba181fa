import { median } from './percentile.rules.ts';

/** Change from one value to the next: the median of the slopes of all pairs (Theil, 1950; Sen, 1968). Undefined of fewer than two values. */
export const theilSen = (values: readonly number[]): number | undefined =>
  median(values.flatMap((earlier, at) => values.slice(at + 1).map((later, after) => (later - earlier) / (after + 1))));
