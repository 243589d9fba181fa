import { completeTask, reassignTask } from './task.messages.ts';
import type { PlanAsk } from '../domain/operation-plan.ts';

export const planWorkflowType = 'runOperationPlan';

/** Name of the update for each thing that can be asked of a plan. */
export const planUpdates = {
  pause: 'pausePlan',
  resume: 'resumePlan',
  cancel: 'cancelPlan',
  reassess: 'reassessPlan',
  amend: 'amendPlan',
  retry: 'retryActivity',
  skip: 'skipActivity',
  accept: 'acceptSeat',
  decline: 'declineSeat',
  assign: 'assignSeat',
  reassign: 'reassignSeat',
  'report-status': 'reportPlanStatus',
  'complete-task': completeTask,
  'reassign-task': reassignTask,
} as const satisfies Record<PlanAsk['type'], string>;

/** Signals tell what happened; whoever hears one asks the database. */
export const deploymentsReported = 'deploymentsReported';
export const readinessChanged = 'readinessChanged';

/** A batch of deployment facts for one plan. */
export interface DeploymentBatch {
  batchId: string;
  facts: { change: string; artifact: string; source: string }[];
}
