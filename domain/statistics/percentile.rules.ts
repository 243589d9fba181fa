/**
 * The value below which a share (0 to 1) of the values lies, linear between neighbours: Hyndman and Fan's seventh method, R-7. Undefined
 * where there is none.
 */
export const percentile = (values: readonly number[], share: number): number | undefined =>
  percentileOfSorted(values.toSorted(ascending), share);

/** The same of values that are in ascending order. */
export const percentileOfSorted = (sorted: ArrayLike<number>, share: number): number | undefined => {
  if (sorted.length === 0) return undefined;
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
};

export const median = (values: readonly number[]): number | undefined => percentile(values, 0.5);

export const ascending = (a: number, b: number): number => a - b;
