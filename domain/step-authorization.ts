import type { Approval } from './approval.ts';
import { digestOf } from './digest.ts';
import { DomainError } from './errors.ts';
import { planSubject, stepSubject } from './identifiers.ts';
import type { OperationPlan } from './operation-plan.ts';
import type { PlanContent } from './operation-plan/content.ts';
import type { SingleStep } from './runbook.ts';

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

/** What the database says of the plan whose step is to be run. */
export interface Standing {
  planWorkflowId: string;
  record: OperationPlan | null;
  digest: string;
  content: PlanContent;
  /** Approvals of the plan that are used up. */
  consumed: readonly Pick<Approval, 'subject' | 'digest'>[];
  /** Retries that people have ordered. */
  retriesOfActivity: number;
  retriesOfStep: number;
}

const refused = (reason: string): DomainError => new DomainError('not-allowed', reason);

/** The steps of one activity, of its runbook or of the one that takes it back; those side by side are one group. */
const groupsFor = (content: PlanContent, activityName: string, purpose: 'run' | 'undo'): SingleStep[][] => {
  const activity = content.activities.find(({ name }) => name === activityName);
  const runbook = purpose === 'run' ? activity?.runbook : activity?.undo;
  return (runbook?.steps ?? []).map((step) => (step.kind === 'parallel' ? step.steps : [step]));
};

/** The step of the approved plan. Refuses one that the plan does not have. */
export const stepIn = (
  content: PlanContent,
  { activity, step: name, purpose }: { activity: string; step: string; purpose: 'run' | 'undo' },
): SingleStep => {
  const step = groupsFor(content, activity, purpose)
    .flat()
    .find((candidate) => candidate.name === name);
  if (!step) throw new DomainError('not-found', `the plan has no step ${activity}/${name}`);
  return step;
};

/** Which run of the activity's runbook a workflow is, the first being 1; undefined when it is none. */
export const runOf = (
  { workflowId, activity }: Pick<StepReference, 'workflowId' | 'activity'>,
  planWorkflowId: string,
): { kind: 'run' | 'undo'; number: number } | undefined => {
  const prefix = `${planWorkflowId}/runbook/${activity}/`;
  if (!workflowId.startsWith(prefix)) return undefined;
  const [, kind, number] = /^(run|undo)-([1-9]\d*)$/.exec(workflowId.slice(prefix.length)) ?? [];
  return kind === undefined ? undefined : { kind: kind as 'run' | 'undo', number: Number(number) };
};

/**
 * The step to run or to take back, if that may be: the plan is open, this revision is the one it carries out, approved and
 * its approval used up, it is the turn of its activity, every approval step before one that goes forth is given, and no
 * round runs ahead of the retries that people ordered. Refuses with `not-allowed`, `conflict` or `not-found`.
 */
export function stepToRun(reference: StepReference, direction: 'forth' | 'back', standing: Standing): SingleStep {
  refuseUnapproved(reference, standing);
  const step = stepIn(standing.content, reference);
  // What was done is taken back whatever anybody has to say of it.
  if (direction === 'forth') refuseBeforeItsApprovals(reference, step, standing);
  refuseOutOfTurn(reference, direction, standing);
  refuseUnordered(reference, standing);
  return step;
}

const isGiven = ({ consumed }: Standing, subject: string, digest: string): boolean =>
  consumed.some((approval) => approval.subject === subject && approval.digest === digest);

const refuseUnapproved = ({ plan, revision }: StepReference, standing: Standing): void => {
  const { record, content, digest } = standing;
  if (record?.endedAt !== undefined) throw new DomainError('conflict', `plan ${plan} is over`);
  if (record?.revision !== revision) throw refused(`revision ${revision} is not the one that plan ${plan} carries out`);
  if ('policy' in content.approval && !isGiven(standing, planSubject(plan), digest))
    throw refused(`revision ${revision} of plan ${plan} is not approved`);
};

const refuseBeforeItsApprovals = (reference: StepReference, step: SingleStep, standing: Standing): void => {
  const { activity, purpose } = reference;
  const groups = groupsFor(standing.content, activity, purpose);
  // Steps that stand side by side do not wait for each other.
  const own = groups.findIndex((group) => group.includes(step));
  for (const before of groups.slice(0, own).flat()) {
    const digest = digestOf([standing.digest, activity, before.name]);
    if (before.kind === 'approval' && !isGiven(standing, stepSubject({ ...reference, step: before.name }), digest))
      throw refused(`step ${before.name} has not been approved`);
  }
};

const refuseOutOfTurn = (
  { plan, activity, purpose, workflowId }: StepReference,
  direction: 'forth' | 'back',
  { record, planWorkflowId }: Standing,
): void => {
  const run = runOf({ workflowId, activity }, planWorkflowId);
  if (!run) throw refused(`${workflowId} is no run of plan ${plan}`);
  const { kind } = run;
  // The runbook that takes back is executed by a run that takes back: its effects have keys of their own.
  if (purpose === 'undo' && kind !== 'undo') throw refused(`${workflowId} takes nothing back`);
  if (direction === 'forth' && purpose === 'run' && kind !== 'run') throw refused(`${workflowId} only takes back`);
  const isItsTime = record?.status === 'undoing' || (kind === 'run' && record?.status === 'running');
  if (!isItsTime)
    throw refused(
      `plan ${plan} is ${record?.status ?? 'not saved'}: nothing is ${kind === 'run' ? 'run' : 'undone'} now`,
    );
  // The plan says so before it starts the run: what it waits for is over then, and the environment is its own.
  const status = record?.activities.find(({ name }) => name === activity)?.status;
  if (direction === 'forth' && kind === 'run' && status !== 'running')
    throw refused(`activity ${activity} is ${status ?? 'not there'}: its runbook does not run now`);
};

/** Runs and rounds beyond the first have been ordered by a person, in a command that the database has. */
const refuseUnordered = (
  { activity, step, round, workflowId }: StepReference,
  { planWorkflowId, retriesOfActivity, retriesOfStep }: Standing,
): void => {
  const { kind, number } = runOf({ workflowId, activity }, planWorkflowId)!;
  if (retriesOfActivity < number - 1) throw refused(`nobody ordered ${kind} ${number} of activity ${activity}`);
  if (retriesOfStep < round - 1) throw refused(`nobody ordered round ${round} of step ${step}`);
};
