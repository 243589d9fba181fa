import type { PlanId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { PlanCommission, Trigger } from '../../domain/operation-plan.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import type { ActivityPorts } from '../ports.ts';
import { type Circumstances, circumstancesAt } from '../circumstances.ts';

/** The circumstances of a plan: what set it off, and the template that it is made from. */
export interface PlanCircumstances extends Circumstances {
  plan: PlanId;
  template: string;
  trigger: Trigger;
}

/** The circumstances of a plan as PostgreSQL has had them since its delivery was accepted, whatever a message says. */
export const circumstancesOf = async (
  catalogue: CatalogueStore,
  plan: PlanId,
  { service, environment, catalogueRevision: revision, template, trigger }: PlanCommission,
): Promise<PlanCircumstances> => {
  const place = { belongsTo: planReference(plan), service, environment, revision };
  return { ...(await circumstancesAt(catalogue, place)), plan, template, trigger };
};

/** The same, of a plan that is looked up. Refuses one that is not known. */
export const planCircumstances = async (
  { catalogue, plans }: Pick<ActivityPorts, 'catalogue' | 'plans'>,
  plan: PlanId,
): Promise<PlanCircumstances> => circumstancesOf(catalogue, plan, (await knownPlan(plans, plan)).commission);

/** What PostgreSQL has of a plan. Refuses one that is not known. */
export async function knownPlan(plans: ActivityPorts['plans'], plan: PlanId) {
  const row = await plans.find(plan);
  if (!row) throw new DomainError('not-found', `there is no plan ${plan}`);
  return row;
}
