import { DomainError } from '../errors.ts';
import type { Assignment, EndedPlan, OperationPlan, PlanActivity, PlanIn, PlanInput } from '../operation-plan.ts';
import type { Task } from '../task.ts';

export type ExecutingPlan = PlanIn<'running' | 'undoing'>;

export const isOver = (plan: OperationPlan): plan is EndedPlan => 'endedAt' in plan;
export const isExecuting = (plan: OperationPlan): plan is ExecutingPlan =>
  plan.status === 'running' || plan.status === 'undoing';

/** A failed task may be retried or skipped by a person; a runbook that failed or was undone ends the work. */
export const isStopping = ({ isCancelling, activities }: OperationPlan): boolean =>
  isCancelling || activities.some(({ status }) => status === 'undone' || status === 'undo-failed');

/** The draft that a trigger opens. */
export const open = ({
  id,
  workflowId,
  service,
  environment,
  team,
  trigger,
  parameters,
  template,
  ...input
}: Omit<PlanInput, 'timing'>): PlanIn<'draft'> => ({
  id,
  workflowId,
  service,
  environment,
  team,
  trigger,
  parameters,
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
  hasWindow: false,
});

export const withTask = <Plan extends OperationPlan>(plan: Plan, task: Task): Plan => ({
  ...plan,
  tasks: [...plan.tasks.filter(({ id }) => id !== task.id), task],
});

export const withActivity = <Plan extends OperationPlan>(
  plan: Plan,
  name: string,
  change: Partial<PlanActivity>,
): Plan => ({
  ...plan,
  activities: plan.activities.map((activity) => (activity.name === name ? { ...activity, ...change } : activity)),
});

export const withAssignment = <Plan extends OperationPlan>(plan: Plan, seat: string, assignment: Assignment): Plan => ({
  ...plan,
  assignments: plan.assignments.map((candidate) => (candidate.seat === seat ? assignment : candidate)),
});

export const deviated = <Plan extends OperationPlan>(plan: Plan, deviation: string): Plan => ({
  ...plan,
  // A plan that lives for weeks keeps its latest deviations; the ledger has all of them.
  deviations: [...plan.deviations.slice(-99), deviation],
});

/** Ends the plan; one that has ended stays as it ended. */
export const end = (plan: OperationPlan, status: EndedPlan['status'], outcome: string, at: string): EndedPlan =>
  isOver(plan) ? plan : { ...plan, status, outcome, endedAt: at, paused: false };

/** Going back a phase clears the time of the start. */
export const unscheduled = <Plan extends OperationPlan>(plan: Plan): Omit<Plan, 'startAt'> => {
  if (!('startAt' in plan)) return plan;
  const { startAt: _, ...rest } = plan;
  return rest;
};

/** The refusal of a wish that does not go with where the plan stands. */
export const notNow = (plan: OperationPlan, wish: string): DomainError =>
  new DomainError('conflict', `plan ${plan.id} is ${plan.paused ? 'paused' : plan.status}, so ${wish}`);

/** The check that a blocker or a condition of the readiness is about: its line begins with it. */
export const checkOf = (line: string): string => line.split(' ')[0]!;

/** The activity of a plan that closes the gap of a check. */
export const gapActivityOf = (check: string): string => `close-${check.toLowerCase()}`;
