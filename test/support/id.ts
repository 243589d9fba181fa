import { ApprovalId, PlanId, RunId, TaskId } from '../../domain/id.ts';
import * as identifiers from '../../domain/identifiers.ts';
import type { PlanApproval } from '../../domain/operation-plan.ts';

export const planId = (id: string): PlanId => PlanId.parse(id);
export const runId = (id: string): RunId => RunId.parse(id);
export const taskId = (id: string): TaskId => TaskId.parse(id);
export const approvalId = (id: string): ApprovalId => ApprovalId.parse(id);
export const planReference = (id: string) => identifiers.planReference(planId(id));

/** The question that people were asked. */
export const askedIn = (approval: PlanApproval | undefined): ApprovalId => {
  if (approval && 'id' in approval) return approval.id;
  throw new Error('nobody was asked');
};
