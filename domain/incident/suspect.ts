import type { Dependencies } from '../topology.ts';
import { hopsFrom } from '../topology.ts';

/** Something that was changed near an incident. Instants in milliseconds. */
export interface Change {
  id: string;
  kind: 'plan' | 'change';
  summary: string;
  service: string;
  /** When it was done; undefined while it runs. */
  endedAt: number | undefined;
  startedAt: number;
  /** From 0 to 1, as its plan had it; where nobody said, the middle. */
  risk: number;
  /** Changes of this kind so far, and how many of them failed. */
  changes: number;
  failures: number;
}

export interface Suspect extends Pick<Change, 'id' | 'kind' | 'summary' | 'service'> {
  /** From 0 to 1; says which to look at first, and proves nothing. */
  score: number;
  hops: number;
  minutesBefore: number;
}

const weights = { time: 0.5, hops: 0.3, risk: 0.1, failures: 0.1 };
const halfLifeMs = 60 * 60_000;
const lookbackMs = 24 * 60 * 60_000;
/** Clocks differ: a change that seems to come shortly after the impact may have come before. */
const skewMs = 2 * 60_000;
const mostHops = 2;
const mostSuspects = 10;

/**
 * Changes that an incident may come from, the likeliest first: s = 0.5·2^(−Δt/60 min) + 0.3·0.5^hops + 0.1·risk + 0.1·p, where
 * p = (failures + 1)/(changes + 20) and Δt runs from the end of the change to the impact, which is none while it runs. Hops go
 * down the dependencies of the service. A change that began after the impact is none, nor is one more than a day before.
 */
export const suspectsOf = (
  { service, impactAt }: { service: string; impactAt: number },
  changes: readonly Change[],
  dependencies: Dependencies,
): Suspect[] => {
  const hops = hopsFrom(service, dependencies, mostHops);
  return changes
    .flatMap((change) => {
      const distance = hops.get(change.service);
      const sinceMs = change.endedAt === undefined ? 0 : impactAt - change.endedAt;
      if (distance === undefined || change.startedAt > impactAt + skewMs || sinceMs > lookbackMs) return [];
      const agoMs = Math.max(0, sinceMs);
      const likelihood = (change.failures + 1) / (change.changes + 20);
      const score =
        weights.time * 2 ** (-agoMs / halfLifeMs) +
        weights.hops * 0.5 ** distance +
        weights.risk * change.risk +
        weights.failures * likelihood;
      const { id, kind, summary } = change;
      return [
        {
          id,
          kind,
          summary,
          service: change.service,
          score,
          hops: distance,
          minutesBefore: Math.round(agoMs / 60_000),
        },
      ];
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostSuspects);
};
