/**
 * Which of many tests show something, where a share of `q` of those may be by chance: those up to the largest i with p(i) ≤ i·q/m
 * (Benjamini and Hochberg, 1995). In the order of the values given.
 */
export const discoveries = (values: readonly number[], q: number): boolean[] => {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.findLast((p, at) => p <= ((at + 1) * q) / values.length);
  return values.map((p) => last !== undefined && p <= last);
};
