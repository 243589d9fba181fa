import type { Alert } from '../alert.ts';
import { type Correlation, holds, type NamedRule, seenAlert } from './correlation.ts';
import { rankOf } from './severity.ts';

/** An alert with what it has in common with others. */
export interface Correlated {
  alert: Alert;
  correlation: Correlation;
}

export type Spec = NamedRule['spec'];

/** Whether it is a cause by this rule. */
export const isCause = (alert: Alert, { inhibitedBy }: Spec): boolean =>
  inhibitedBy !== undefined && holds(inhibitedBy.match, seenAlert(alert));

/**
 * Which alerts another one explains, and which one that is, by fingerprint. What is a cause by the same rule is explained by nothing,
 * and what is explained explains nothing: somebody hears of one of them, whatever the rules say. `causes` has the fingerprints of causes.
 */
export const findInhibited = (
  correlated: readonly Correlated[],
  firing: readonly Alert[],
  causes: ReadonlyMap<Spec, ReadonlySet<string>>,
): Map<string, string> => {
  const inhibited = new Map<string, string>();
  const likeBySpec = new Map<Spec, ReadonlyMap<string, Alert[]>>();
  // Where rules explain alerts by each other, the worst is left.
  for (const { alert, correlation } of correlated.toSorted((a, b) => rankOf(b.alert) - rankOf(a.alert))) {
    const { spec } = correlation.rule;
    const known = causes.get(spec);
    if (known === undefined || known.has(alert.fingerprint)) continue;
    const likeness = likenessBy(spec.inhibitedBy?.equal ?? []);
    const like =
      likeBySpec.get(spec) ??
      Map.groupBy(
        firing.filter(({ fingerprint }) => known.has(fingerprint)),
        likeness,
      );
    likeBySpec.set(spec, like);
    const cause = like.get(likeness(alert))?.find(({ fingerprint }) => !inhibited.has(fingerprint));
    if (cause) inhibited.set(alert.fingerprint, cause.fingerprint);
  }
  return inhibited;
};

const likenessBy =
  (labels: readonly string[]) =>
  ({ team, state }: Alert): string =>
    JSON.stringify([team, ...labels.map((label) => state.last?.labels[label] ?? '')]);
