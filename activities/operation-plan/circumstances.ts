import { DomainError } from '../../domain/errors.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { Trigger } from '../../domain/operation-plan.ts';
import type { ActivityPorts } from '../ports.ts';
import { type Circumstances, circumstancesAt } from '../circumstances.ts';

/** The circumstances of a plan: what set it off, and the template that it is made from. */
export interface PlanCircumstances extends Circumstances {
  plan: string;
  template: string;
  trigger: Trigger;
}

/**
 * Loads the circumstances of a plan as PostgreSQL has had them since its delivery was accepted, whatever a message says.
 * Refuses a plan that it does not know.
 */
export async function planCircumstances(
  { catalogue, plans }: Pick<ActivityPorts, 'catalogue' | 'plans'>,
  plan: string,
): Promise<PlanCircumstances> {
  const row = await plans.find(plan);
  if (!row) throw new DomainError('not-found', `there is no plan ${plan}`);
  const { service, environment, catalogueRevision: revision, template, trigger } = row.commission;
  const belongsTo = planReference(plan);
  return {
    ...(await circumstancesAt(catalogue, { belongsTo, service, environment, revision })),
    plan,
    template,
    trigger,
  };
}
