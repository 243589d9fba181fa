import { ascending } from './percentile.rules.ts';

export interface Survival {
  at: number;
  /** Share that lasts longer than that. */
  survival: number;
}

/** What lasts longer than how long, where some still last (Kaplan and Meier, 1958). What ends while another is lost sight of ends first. */
export const kaplanMeier = (ended: readonly number[], open: readonly number[]): Survival[] => {
  let survival = 1;
  let atRisk = ended.length + open.length;
  const counts = new Map<number, { ended: number; left: number }>();
  for (const at of ended) count(counts, at).ended += 1;
  for (const at of open) count(counts, at).left += 1;
  return [...counts.keys()].toSorted(ascending).flatMap((at) => {
    const { ended: ends, left } = counts.get(at)!;
    if (ends > 0) survival *= 1 - ends / atRisk;
    atRisk -= ends + left;
    return ends > 0 ? [{ at, survival }] : [];
  });
};

const count = (counts: Map<number, { ended: number; left: number }>, at: number) => {
  const known = counts.get(at) ?? { ended: 0, left: 0 };
  counts.set(at, known);
  return known;
};

/** How long half of them last. Undefined where less than half have ended. */
export const medianSurvival = (curve: readonly Survival[]): number | undefined =>
  // Shares are products: one half may come out a little above.
  curve.find(({ survival }) => survival <= 0.5 + 1e-12)?.at;
