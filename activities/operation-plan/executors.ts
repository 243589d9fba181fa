import type { PlanId } from '../../domain/id.ts';
import { planReference } from '../../domain/identifiers.ts';
import { seatedIn } from '../../domain/operation-plan/seat.rules.ts';
import type { ActivityPorts } from '../ports.ts';
import { knownPlan } from './circumstances.ts';

/** Who has a seat in the plan or is asked to take one, and who was given a task of it. */
export async function planExecutors(
  { plans, commands }: Pick<ActivityPorts, 'plans' | 'commands'>,
  plan: PlanId,
): Promise<string[]> {
  const { record, workflowId } = await knownPlan(plans, plan);
  // Who has taken a seat has said so; a record cannot take that back.
  return [...(record ? seatedIn(record) : []), ...(await commands.executorsOf(workflowId, planReference(plan)))];
}
