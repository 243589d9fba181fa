import type { PlanId } from '../id.ts';
import type { OperationPlan } from '../operation-plan.ts';
import { deviated, end, isExecuting, isOver } from './record.rules.ts';

/** Signal to a plan: a newer deployment to its place was completed. */
export const planOutdated = 'planOutdated';

export interface Outdated {
  by: PlanId;
  /** What was completed. */
  artifact: string;
  /** The older plan is cancelled by it, unless its work has begun. */
  supersede: boolean;
}

/** Whoever decides on the older plan reads of the newer one; where the template says so, nobody has to decide any more. */
export const outdated = (plan: OperationPlan, { by, artifact, supersede }: Outdated, at: string): OperationPlan => {
  if (isOver(plan)) return plan;
  const told = deviated(plan, `${artifact} was completed in the same place since, by plan ${by}`);
  return supersede && !isExecuting(plan)
    ? end(told, 'cancelled', `superseded by plan ${by} with ${artifact}`, at)
    : told;
};
