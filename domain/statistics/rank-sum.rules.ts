import { normalTail } from './normal.rules.ts';

/** Of so many values together all ways are counted; of more, or with ties, the normal approximation is as good. */
const mostCounted = 40;

/**
 * Chance of values as low as the second ones, compared with the first, if both came from the same, one-sided: the rank-sum test (Wilcoxon,
 * 1945; Mann and Whitney, 1947). Exact without ties, else normal with the corrections for ties and for continuity. Undefined where there
 * are none of one.
 */
export const chanceOfSoLow = (first: readonly number[], second: readonly number[]): number | undefined => {
  if (first.length === 0 || second.length === 0) return undefined;
  const all = [...first, ...second].toSorted((a, b) => a - b);
  const rankOf = (value: number): number => (all.indexOf(value) + all.lastIndexOf(value)) / 2 + 1;
  const sum = second.reduce((total, value) => total + rankOf(value), 0);
  const hasTies = new Set(all).size < all.length;
  return !hasTies && all.length <= mostCounted
    ? countedTail(all.length, second.length, sum)
    : normalTailOf(first.length, second.length, sum, all);
};

/** Share of all choices of so many ranks whose sum is at most this. */
const countedTail = (n: number, chosen: number, most: number): number => {
  // ways[k][s]: choices of k of the ranks so far with the sum s.
  const ways = Array.from({ length: chosen + 1 }, () => new Map<number, number>());
  ways[0]!.set(0, 1);
  for (let rank = 1; rank <= n; rank += 1)
    for (let k = Math.min(rank, chosen); k >= 1; k -= 1)
      for (const [sum, count] of ways[k - 1]!) ways[k]!.set(sum + rank, (ways[k]!.get(sum + rank) ?? 0) + count);
  let [low, all] = [0, 0];
  for (const [sum, count] of ways[chosen]!) {
    all += count;
    if (sum <= most) low += count;
  }
  return low / all;
};

const normalTailOf = (m: number, n: number, sum: number, sorted: readonly number[]): number => {
  const total = m + n;
  const mean = (n * (total + 1)) / 2;
  const ties = [...Map.groupBy(sorted, (value) => value).values()].reduce(
    (all, { length }) => all + length ** 3 - length,
    0,
  );
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance <= 0 ? 1 : Math.min(1, 1 - normalTail((sum + 0.5 - mean) / Math.sqrt(variance)));
};
