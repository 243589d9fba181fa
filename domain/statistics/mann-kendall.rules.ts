import { normalTail } from './normal.rules.ts';

export interface MannKendall {
  /** Pairs that rise, less those that fall. */
  s: number;
  variance: number;
  z: number;
  /** Two-sided: chance of a trend as strong where there is none. */
  p: number;
}

/** Whether values in the order of time rise or fall (Mann, 1945; Kendall, 1975), with the correction for ties and for continuity. */
export const mannKendall = (values: readonly number[]): MannKendall => {
  const n = values.length;
  let s = 0;
  for (let earlier = 0; earlier < n; earlier += 1)
    for (let later = earlier + 1; later < n; later += 1) s += Math.sign(values[later]! - values[earlier]!);
  const pairsOf = (count: number): number => count * (count - 1) * (2 * count + 5);
  const ties = Map.groupBy(values, (value) => value);
  const tied = [...ties.values()].reduce((sum, { length }) => sum + pairsOf(length), 0);
  const variance = (pairsOf(n) - tied) / 18;
  const z = s === 0 || variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { s, variance, z, p: Math.min(1, 2 * normalTail(Math.abs(z))) };
};
