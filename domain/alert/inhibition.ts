import type { Alert } from '../alert.ts';
import { type Correlation, holds, type NamedRule, seenAlert } from './correlation.ts';
import { rankOf } from './severity.ts';

/** An alert with what it has in common with others. */
export interface Correlated {
  alert: Alert;
  correlation: Correlation;
}

/**
 * Which alerts another one explains, and which one that is, by fingerprint. What is a cause by the same rule is explained by nothing,
 * and what is explained explains nothing: somebody hears of one of them, whatever the rules say.
 */
export const findInhibited = (correlated: readonly Correlated[], firing: readonly Alert[]): Map<string, string> => {
  const inhibited = new Map<string, string>();
  const causesBySpec = new Map<NamedRule['spec'], ReadonlyMap<string, Alert[]>>();
  // Where rules explain alerts by each other, the worst is left.
  for (const { alert, correlation } of correlated.toSorted((a, b) => rankOf(b.alert) - rankOf(a.alert))) {
    const { spec } = correlation.rule;
    const { inhibitedBy } = spec;
    if (inhibitedBy === undefined || holds(inhibitedBy.match, seenAlert(alert))) continue;
    const likeness = likenessBy(inhibitedBy.equal);
    const causes = causesBySpec.get(spec) ?? causesOf(firing, inhibitedBy.match, likeness);
    causesBySpec.set(spec, causes);
    const cause = causes.get(likeness(alert))?.find(({ fingerprint }) => !inhibited.has(fingerprint));
    if (cause) inhibited.set(alert.fingerprint, cause.fingerprint);
  }
  return inhibited;
};

type Likeness = (alert: Alert) => string;

const likenessBy =
  (labels: readonly string[]): Likeness =>
  ({ team, state }) =>
    JSON.stringify([team, ...labels.map((label) => state.last?.labels[label] ?? '')]);

const causesOf = (firing: readonly Alert[], match: string, likeness: Likeness): Map<string, Alert[]> =>
  Map.groupBy(
    firing.filter((alert) => holds(match, seenAlert(alert))),
    likeness,
  );
