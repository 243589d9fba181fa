import { activityInfo } from '@temporalio/activity';
import type { LedgerEntry } from '../domain/audit.ts';
import { DomainError } from '../domain/errors.ts';
import { planWorkflowIdOf } from '../domain/identifiers.ts';
import type { PlanContent } from '../domain/operation-plan/content.ts';
import type { SingleStep } from '../domain/runbook.ts';
import { runOf, type StepReference, stepToRun } from '../domain/step-authorization.ts';
import type { Task } from '../domain/task.ts';
import type { ActivityPorts } from './ports.ts';

/** A workflow acts and writes for itself alone, whatever its input says that it is. */
export const onlyItself = (workflowId: string): void => {
  const caller = activityInfo().workflowExecution?.workflowId;
  if (caller !== workflowId) throw new DomainError('not-allowed', `${caller} is not ${workflowId}`);
};

/** Only the workflow of a plan, and the runs of its runbooks, act for the plan. */
export const onlyPlanOrItsRuns = (plan: string): void => {
  const caller = activityInfo().workflowExecution?.workflowId ?? '';
  const workflowId = planWorkflowIdOf(plan);
  if (caller !== workflowId && !caller.startsWith(`${workflowId}/runbook/`))
    throw new DomainError('not-allowed', `${caller} does not act for plan ${plan}`);
};

/** What concerns the plan as a whole is done by its workflow alone: a run of a runbook has no say in it. */
export const onlyPlan = (plan: string): void => onlyItself(planWorkflowIdOf(plan));

/** A record and its entries of the ledger speak of the workflow that writes them, and of nothing else. */
export const onlyOwnRecord = (
  { workflowId, tasks }: { workflowId: string; tasks: readonly Task[] },
  { plan, subject }: { plan: string; subject: string },
  entries: readonly LedgerEntry[],
): void => {
  onlyItself(workflowId);
  onlyPlanOrItsRuns(plan);
  const isOwn = (entry: LedgerEntry): boolean =>
    entry.key.startsWith(`${workflowId}/`) &&
    /^\d+$/.test(entry.key.slice(workflowId.length + 1)) &&
    entry.plan === plan &&
    entry.subject === subject;
  const foreign = entries.find((entry) => !isOwn(entry));
  if (foreign) throw new DomainError('not-allowed', `${workflowId} does not write ${foreign.key}`);
  const task = tasks.find((given) => given.plan !== plan || given.workflowId !== workflowId);
  if (task) throw new DomainError('not-allowed', `task ${task.id} is not of ${workflowId}`);
};

type Ports = Pick<ActivityPorts, 'plans' | 'approvals' | 'commands'>;

/** The step to run or to take back, if the database says that it may be; a message decides none of this. */
export async function authorizedStep(
  reference: StepReference,
  direction: 'forth' | 'back',
  { plans, approvals, commands }: Ports,
): Promise<{ step: SingleStep; content: PlanContent }> {
  const { plan, revision, activity, step, workflowId, round } = reference;
  onlyItself(workflowId);
  const row = await plans.find(plan);
  const found = await plans.content(plan, revision);
  if (!row || !found) throw new DomainError('not-found', `there is no plan ${plan} with revision ${revision}`);
  const isFirstRun = runOf(reference, row.workflowId)?.number === 1;
  const allowed = stepToRun(reference, direction, {
    planWorkflowId: row.workflowId,
    record: row.record,
    ...found,
    consumed: (await approvals.ofPlan(plan)).filter(({ status }) => status === 'consumed'),
    // Nobody has to order the first of a kind, so nobody is asked.
    retriesOfActivity: isFirstRun ? 0 : await commands.retriesOrdered(row.workflowId, activity),
    retriesOfStep: round === 1 ? 0 : await commands.retriesOrdered(workflowId, step),
  });
  return { step: allowed, content: found.content };
}
