import type { Document } from '../document.ts';
import { milliseconds } from '../duration.ts';
import type { BudgetRule } from '../error-budget-policy.ts';
import { budgetState } from './budget.rules.ts';
import { burnRateOf } from './burn.rules.ts';
import type { BudgetState, Count, ObjectiveDefinition } from './definition.ts';

/** What an incident has used of a budget: 1 is all of it. */
export interface IncidentUse {
  incident: number;
  isPrivate: boolean;
  used: number;
}

/** What the rules of policies look at. */
export interface Standing {
  budget: BudgetState;
  /** What there was in so many milliseconds until now. */
  countIn: (windowMs: number) => Count;
  /** In the order in which they were detected. */
  uses: readonly IncidentUse[];
}

/** A rule that holds for an objective, and why; because of which incident, where that may be said. */
export interface Wanted {
  policy: string;
  rule: number;
  spec: BudgetRule;
  why: string;
  incident?: number;
}

export type Policy = Pick<Document<'ErrorBudgetPolicy'>, 'name' | 'spec'>;

const usualWindowMs = 3_600_000;

/** How far back a rule looks, in milliseconds; undefined: as far as the objective's own window. A burn rate is that of the last hour unless said. */
export const windowOf = ({ window, condition }: BudgetRule): number | undefined =>
  window === undefined ? ('burnRate' in condition ? usualWindowMs : undefined) : milliseconds(window);

/** Rules of a policy that are about an objective, each with its place. */
export const rulesFor = (
  { spec }: Policy,
  { slo, service }: Pick<ObjectiveDefinition, 'slo' | 'service'>,
): [number, BudgetRule][] =>
  [...spec.rules.entries()].filter(
    ([, { scope }]) =>
      (scope.services.length === 0 || scope.services.includes(service)) &&
      (scope.objectives.length === 0 || scope.objectives.includes(slo)),
  );

/** Of each policy the first rule that holds: it counts, and no other. */
export const wantedHolds = (
  objective: ObjectiveDefinition,
  policies: readonly Policy[],
  standing: Standing,
): Wanted[] =>
  policies.flatMap((policy) => {
    for (const [rule, spec] of rulesFor(policy, objective)) {
      const found = whyHolds(objective, spec, standing);
      if (found) return [{ policy: policy.name, rule, spec, ...found }];
    }
    return [];
  });

type Why = Pick<Wanted, 'why' | 'incident'>;

const whyHolds = (
  objective: ObjectiveDefinition,
  rule: BudgetRule,
  { budget, countIn, uses }: Standing,
): Why | undefined => {
  const { condition } = rule;
  const windowMs = windowOf(rule);
  if ('incidentPercent' in condition) {
    const last = uses.findLast(({ used }) => used * 100 > condition.incidentPercent);
    return last && whyIncident(objective, last);
  }
  if ('burnRate' in condition) {
    const rate = burnRateOf(countIn(windowMs ?? usualWindowMs), objective.budget);
    return rate !== undefined && rate > condition.burnRate
      ? { why: `the error budget of ${objective.name} burns ${Number(rate.toPrecision(3))} times as fast as it may` }
      : undefined;
  }
  const { used } = windowMs === undefined ? budget : budgetState(countIn(windowMs), objective);
  return used !== undefined && used * 100 > condition.spentPercent
    ? { why: `${percent(used)} of the error budget of ${objective.name} are used` }
    : undefined;
};

/** Whoever sees the hold need not see the incident. */
const whyIncident = ({ name }: ObjectiveDefinition, { incident, isPrivate, used }: IncidentUse): Why => {
  const what = `used ${percent(used)} of the error budget of ${name}`;
  return isPrivate ? { why: `one incident has ${what}` } : { why: `incident ${incident} has ${what}`, incident };
};

const percent = (share: number): string => `${Number((share * 100).toPrecision(4))} %`;
