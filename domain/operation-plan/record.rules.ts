import { DomainError } from '../errors.ts';
import type { Assignment, OperationPlan, PlanActivity, PlanInput, PlanStatus } from '../operation-plan.ts';
import type { Task } from '../task.ts';

const ended: readonly PlanStatus[] = ['completed', 'undone', 'failed', 'rejected', 'cancelled'];
const executing: readonly PlanStatus[] = ['running', 'undoing'];

export const isOver = ({ status }: Pick<OperationPlan, 'status'>): boolean => ended.includes(status);
export const isExecuting = ({ status }: Pick<OperationPlan, 'status'>): boolean => executing.includes(status);

/** The draft that a trigger opens. */
export const open = ({
  id,
  workflowId,
  service,
  environment,
  team,
  trigger,
  template,
  ...input
}: Omit<PlanInput, 'timing'>): OperationPlan => ({
  id,
  workflowId,
  service,
  environment,
  team,
  trigger,
  template,
  catalogueRevision: input.catalogueRevision,
  status: 'draft',
  rev: 1,
  paused: false,
  isCancelling: false,
  openedAt: input.at,
  revision: 0,
  dropped: [],
  activities: [],
  criticalPath: [],
  criticalPathMs: 0,
  needMs: 0,
  assignments: [],
  tasks: [],
  deviations: [],
  isGateOpen: false,
  hasWindow: false,
});

export const withTask = (plan: OperationPlan, task: Task): OperationPlan => ({
  ...plan,
  tasks: [...plan.tasks.filter(({ id }) => id !== task.id), task],
});

export const withActivity = (plan: OperationPlan, name: string, change: Partial<PlanActivity>): OperationPlan => ({
  ...plan,
  activities: plan.activities.map((activity) => (activity.name === name ? { ...activity, ...change } : activity)),
});

export const withAssignment = (plan: OperationPlan, seat: string, assignment: Assignment): OperationPlan => ({
  ...plan,
  assignments: plan.assignments.map((candidate) => (candidate.seat === seat ? assignment : candidate)),
});

export const deviated = (plan: OperationPlan, deviation: string): OperationPlan => ({
  ...plan,
  // A plan that lives for weeks keeps its latest deviations; the ledger has all of them.
  deviations: [...plan.deviations.slice(-99), deviation],
});

export const end = (
  plan: OperationPlan,
  status: 'completed' | 'undone' | 'failed' | 'rejected' | 'cancelled',
  outcome: string,
  at: string,
): OperationPlan => (isOver(plan) ? plan : { ...plan, status, outcome, endedAt: at, paused: false });

/** The refusal of a wish that does not go with where the plan stands. */
export const notNow = (plan: OperationPlan, wish: string): DomainError =>
  new DomainError('conflict', `plan ${plan.id} is ${plan.paused ? 'paused' : plan.status}, so ${wish}`);

/** The activity of a plan that closes the gap of a check. */
export const gapActivityOf = (check: string): string => `close-${check.toLowerCase()}`;
