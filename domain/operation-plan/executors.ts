import { planReference } from '../identifiers.ts';
import type { PlanId } from '../id.ts';
import type { OperationPlan } from '../operation-plan.ts';
import type { CommandStore } from '../ports.ts';
import { seatedIn } from './seat.rules.ts';

/** Who has a seat in the plan or is asked to take one, and who was given a task of it. */
export const executorsOf = async (
  commands: Pick<CommandStore, 'executorsOf'>,
  id: PlanId,
  { record, workflowId }: { record: OperationPlan | null; workflowId: string },
): Promise<string[]> => {
  // Who has taken a seat has said so; a record cannot take that back.
  const said = await commands.executorsOf(workflowId, planReference(id));
  return [...new Set([...(record ? seatedIn(record) : []), ...said])];
};
