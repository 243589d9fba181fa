import { activityInfo } from '@temporalio/activity';
import type { LedgerEntry } from '../domain/audit.ts';
import { stepsOf } from '../domain/catalogue/step.ts';
import { DomainError } from '../domain/errors.ts';
import { digestOf } from '../domain/digest.ts';
import { planSubject, planWorkflowIdOf, stepSubject } from '../domain/identifiers.ts';
import type { OperationPlan } from '../domain/operation-plan.ts';
import type { PlanContent } from '../domain/plan-content.ts';
import type { SingleStep } from '../domain/runbook.ts';
import type { Task } from '../domain/task.ts';
import type { ActivityPorts } from './ports.ts';

/** A step as a message names it. What it does is read from the plan in PostgreSQL. */
export interface StepReference {
  plan: string;
  revision: number;
  activity: string;
  step: string;
  purpose: 'run' | 'undo';
  /** Of which the first needs no order; each further one needs a person's command. */
  round: number;
  workflowId: string;
}

/** A workflow acts and writes for itself alone, whatever its input says that it is. */
export const refuseStranger = (workflowId: string): void => {
  const caller = activityInfo().workflowExecution?.workflowId;
  if (caller !== workflowId) throw new DomainError('not-allowed', `${caller} is not ${workflowId}`);
};

/** Only the workflow of a plan, and the runs of its runbooks, act for the plan. */
export const refuseOutsider = (plan: string): void => {
  const caller = activityInfo().workflowExecution?.workflowId ?? '';
  const workflowId = planWorkflowIdOf(plan);
  if (caller !== workflowId && !caller.startsWith(`${workflowId}/runbook/`))
    throw new DomainError('not-allowed', `${caller} does not act for plan ${plan}`);
};

/** What concerns the plan as a whole is done by its workflow alone: a run of a runbook has no say in it. */
export const refuseRuns = (plan: string): void => refuseStranger(planWorkflowIdOf(plan));

/** A record and its entries of the ledger speak of the workflow that writes them, and of nothing else. */
export const refuseForeign = (
  { workflowId, tasks }: { workflowId: string; tasks: readonly Task[] },
  { plan, subject }: { plan: string; subject: string },
  entries: readonly LedgerEntry[],
): void => {
  refuseStranger(workflowId);
  refuseOutsider(plan);
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

/** The steps of one activity: of its runbook, or of the runbook that takes it back. */
const stepsFor = (content: PlanContent, activityName: string, purpose: 'run' | 'undo'): SingleStep[] => {
  const activity = content.activities.find(({ name }) => name === activityName);
  const runbook = purpose === 'run' ? activity?.runbook : activity?.undo;
  return runbook ? stepsOf(runbook).map(({ step }) => step) : [];
};

/** The step of the approved plan. Refuses one that the plan does not have. */
export const stepIn = (
  content: PlanContent,
  { activity, step: name, purpose }: { activity: string; step: string; purpose: 'run' | 'undo' },
): SingleStep => {
  const step = stepsFor(content, activity, purpose).find((candidate) => candidate.name === name);
  if (!step) throw new DomainError('not-found', `the plan has no step ${activity}/${name}`);
  return step;
};

type Ports = Pick<ActivityPorts, 'plans' | 'approvals' | 'commands'>;

/**
 * The step to run or to take back, if that may be: the plan is open, this revision is the one it carries out, approved and
 * its approval used up, it is the turn of its activity, every approval step before it is given, and no round runs ahead of
 * the retries that people ordered. A message decides none of this.
 */
export async function authorizedStep(
  reference: StepReference,
  direction: 'forth' | 'back',
  { plans, approvals, commands }: Ports,
): Promise<{ step: SingleStep; content: PlanContent }> {
  const { plan, revision, activity, purpose } = reference;
  refuseStranger(reference.workflowId);
  const row = await plans.find(plan);
  const found = await plans.content(plan, revision);
  if (!row || !found) throw new DomainError('not-found', `there is no plan ${plan} with revision ${revision}`);
  if (row.record?.endedAt !== undefined) throw new DomainError('conflict', `plan ${plan} is over`);
  if (row.record?.revision !== revision)
    throw new DomainError('not-allowed', `revision ${revision} is not the one that plan ${plan} carries out`);
  const given = (await approvals.ofPlan(plan)).filter(({ status }) => status === 'consumed');
  const isGiven = (subject: string, digest: string): boolean =>
    given.some((approval) => approval.subject === subject && approval.digest === digest);
  if ('policy' in found.content.approval && !isGiven(planSubject(plan), found.digest)) {
    throw new DomainError('not-allowed', `revision ${revision} of plan ${plan} is not approved`);
  }
  const step = stepIn(found.content, reference);
  const steps = stepsFor(found.content, activity, purpose);
  for (const before of steps.slice(0, steps.indexOf(step))) {
    const digest = digestOf([found.digest, activity, before.name]);
    if (before.kind === 'approval' && !isGiven(stepSubject({ ...reference, step: before.name }), digest)) {
      throw new DomainError('not-allowed', `step ${before.name} has not been approved`);
    }
  }
  await refuseStrangeRun(reference, direction, row, commands);
  return { step, content: found.content };
}

/** Runs and rounds beyond the first have been ordered by a person, in a command that the database has. */
const refuseStrangeRun = async (
  { plan, activity, step, round, workflowId, purpose }: StepReference,
  direction: 'forth' | 'back',
  { workflowId: planWorkflow, record }: { workflowId: string; record: OperationPlan | null },
  commands: Ports['commands'],
): Promise<void> => {
  const prefix = `${planWorkflow}/runbook/${activity}/`;
  const [, kind, number] =
    /^(run|undo)-(\d+)$/.exec(workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : '') ?? [];
  if (kind === undefined) throw new DomainError('not-allowed', `${workflowId} is no run of plan ${plan}`);
  // The runbook that takes back is executed by a run that takes back: its effects have keys of their own.
  if (purpose === 'undo' && kind !== 'undo') throw new DomainError('not-allowed', `${workflowId} takes nothing back`);
  if (direction === 'forth' && purpose === 'run' && kind !== 'run')
    throw new DomainError('not-allowed', `${workflowId} only takes back`);
  const isItsTime = record?.status === 'undoing' || (kind === 'run' && record?.status === 'running');
  if (!isItsTime)
    throw new DomainError(
      'not-allowed',
      `plan ${plan} is ${record?.status ?? 'not saved'}: nothing is ${kind === 'run' ? 'run' : 'undone'} now`,
    );
  // The plan says so before it starts the run: what it waits for is over then, and the environment is its own.
  const status = record?.activities.find(({ name }) => name === activity)?.status;
  if (direction === 'forth' && kind === 'run' && status !== 'running')
    throw new DomainError(
      'not-allowed',
      `activity ${activity} is ${status ?? 'not there'}: its runbook does not run now`,
    );
  const further = Math.max(0, Number(number) - 1);
  if (further > 0 && (await commands.retriesOrdered(planWorkflow, activity)) < further) {
    throw new DomainError('not-allowed', `nobody ordered ${kind} ${number} of activity ${activity}`);
  }
  if (round > 1 && (await commands.retriesOrdered(workflowId, step)) < round - 1) {
    throw new DomainError('not-allowed', `nobody ordered round ${round} of step ${step}`);
  }
};
