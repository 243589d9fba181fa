import type { PlanId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { PlanCommission } from '../../domain/operation-plan.ts';
import type { Trigger } from '../../domain/trigger.ts';
import type { Parameters } from '../../domain/plan-template/parameter.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import type { CatalogueStore } from '../../domain/ports.ts';
import type { ActivityPorts } from '../ports.ts';
import { type Circumstances, circumstancesAt } from '../../domain/circumstances.ts';

/** The circumstances of a plan: what set it off, and the template that it is made from. */
export interface PlanCircumstances extends Circumstances {
  plan: PlanId;
  template: string;
  trigger: Trigger;
  parameters: Parameters;
}

/** The circumstances of a plan as PostgreSQL has had them since its delivery was accepted, whatever a message says. */
export const circumstancesOf = async (
  catalogue: CatalogueStore,
  plan: PlanId,
  { service, environment, catalogueRevision: revision, template, parameters, trigger }: PlanCommission,
): Promise<PlanCircumstances> => {
  const place = { belongsTo: planReference(plan), service, environment, revision };
  return { ...(await circumstancesAt(catalogue, place)), plan, template, parameters, trigger };
};

/** The same, of an open plan that is looked up. */
export const planCircumstances = async (
  { catalogue, plans }: Pick<ActivityPorts, 'catalogue' | 'plans'>,
  plan: PlanId,
): Promise<PlanCircumstances> => circumstancesOf(catalogue, plan, (await openPlan(plans, plan)).commission);

/** A plan that has not ended, for its workflow to act for. Refuses one that is over, or not known. */
export async function openPlan(plans: ActivityPorts['plans'], plan: PlanId) {
  const row = await knownPlan(plans, plan);
  if (row.record && isOver(row.record)) throw new DomainError('conflict', `plan ${plan} is over`);
  return row;
}

/** What PostgreSQL has of a plan. Refuses one that is not known. */
export async function knownPlan(plans: ActivityPorts['plans'], plan: PlanId) {
  const row = await plans.find(plan);
  if (!row) throw new DomainError('not-found', `there is no plan ${plan}`);
  return row;
}
