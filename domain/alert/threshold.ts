import type { Alert } from '../alert.ts';
import { milliseconds } from '../duration.ts';
import type { Correlated } from './inhibition.ts';

/** Of an alert that fires, what says whether it counts. */
export type Begun = Pick<Alert, 'fingerprint' | 'correlationKey' | 'changedAt'>;

/** How many alerts have to begin within the time of their rule, by the fingerprint of those that are fewer. `others` fire as well. */
export const findTooFew = (
  correlated: readonly Correlated[],
  others: readonly Begun[],
  at: string,
): Map<string, number> => {
  const firing = Map.groupBy(
    // As they are now, in place of how they were kept.
    new Map(
      [...others, ...correlated.map(({ alert, correlation }) => ({ ...alert, correlationKey: correlation.key }))].map(
        (alert) => [alert.fingerprint, alert],
      ),
    ).values(),
    ({ correlationKey }) => correlationKey,
  );
  return new Map(
    correlated.flatMap(({ alert, correlation: { key, rule } }): [string, number][] => {
      const { threshold } = rule.spec;
      if (threshold === undefined) return [];
      const since = new Date(Date.parse(at) - milliseconds(threshold.within)).toISOString();
      const begun = (firing.get(key) ?? []).filter(({ changedAt }) => changedAt >= since);
      return begun.length < threshold.count ? [[alert.fingerprint, threshold.count]] : [];
    }),
  );
};
