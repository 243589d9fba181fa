import { type ConfidenceInterval, z95 } from './interval.rules.ts';

/** Wilson's score interval of a share (1927): holds for few cases and for none, where the usual one collapses. Undefined of none at all. */
export const wilson = (hits: number, n: number): ConfidenceInterval | undefined => {
  if (n === 0) return undefined;
  const share = hits / n;
  const spread = z95 ** 2 / n;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (z95 / (1 + spread)) * Math.sqrt((share * (1 - share) + spread / 4) / n);
  // Rounding may leave 0 and 1 outside by the last digit.
  return {
    low: Math.min(share, Math.max(0, centre - half)),
    high: Math.max(share, Math.min(1, centre + half)),
    method: 'wilson',
  };
};
