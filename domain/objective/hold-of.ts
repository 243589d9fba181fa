import { canonical, uuidOf } from '../digest.ts';
import type { BudgetHold } from './hold.ts';
import type { Place } from './ports.ts';
import type { Wanted } from './wanted.ts';

type Terms = Pick<BudgetHold, 'actions' | 'approval' | 'exceptions' | 'override'>;

const termsOf = ({ actions, approval, exceptions, override }: Wanted['spec'] | BudgetHold): Terms => ({
  actions,
  ...(approval === undefined ? {} : { approval }),
  exceptions,
  override,
});

/** Whether a hold is what a rule asks for in this place, as both are now. */
export const isHoldOf = (
  hold: BudgetHold,
  { service, team }: Place,
  { policy, rule, incident, spec }: Wanted,
): boolean =>
  hold.service === service &&
  hold.team === team &&
  hold.policy === policy &&
  hold.rule === rule &&
  hold.incident === incident &&
  canonical(termsOf(hold)) === canonical(termsOf(spec));

/** The hold that a rule asks for, from then on (ISO 8601). */
export const holdOf = (
  { objective, service, team }: Place,
  { policy, rule, spec, why, incident }: Wanted,
  at: string,
): BudgetHold => ({
  id: uuidOf(`${policy}/${rule}/${objective}/${at}`),
  policy,
  rule,
  objective,
  service,
  team,
  ...termsOf(spec),
  why,
  ...(incident === undefined ? {} : { incident }),
  openedAt: at,
});
