import { DomainError } from '../errors.ts';
import { runWorkflowIdsOf, planIdIn, planReference } from '../identifiers.ts';
import type { OperationPlan } from '../operation-plan.ts';
import { isOver, isStopping } from './record.rules.ts';
import type { PlanContent } from './content.ts';
import type { PlanStart } from '../ports.ts';
import {
  acts,
  hasBegun,
  isBehind,
  isGiven,
  refuseBeforeItsApprovals,
  refuseBeforeItsSteps,
  refused,
  refuseUnorderedRound,
  type RunGrounds,
  type StepReference,
} from '../run-authorization.ts';
import { groupsOf, type SingleStep } from '../runbook.ts';

/** What the database says of the plan whose step is to be run. */
export interface Grounds extends Omit<RunGrounds, 'groups'> {
  record: OperationPlan | null;
  /** The revision whose work has begun, through the last gate. */
  start: Pick<PlanStart, 'revision' | 'digest'> | undefined;
  content: PlanContent;
  /** Retries that people have ordered. */
  retriesOfActivity: number;
}

/** The steps of one activity, of its runbook or of the one that undoes it; those side by side are one group. */
const groupsFor = (content: PlanContent, activityName: string, purpose: 'run' | 'undo'): SingleStep[][] => {
  const activity = content.activities.find(({ name }) => name === activityName);
  const runbook = purpose === 'run' ? activity?.runbook : activity?.undo;
  return groupsOf(runbook?.steps ?? []);
};

/** The step of the approved plan. Refuses one that the plan does not have. */
export const stepIn = (
  content: PlanContent,
  { activity, step: name, purpose }: Pick<StepReference, 'activity' | 'step' | 'purpose'>,
): SingleStep => {
  const step = groupsFor(content, activity, purpose)
    .flat()
    .find((candidate) => candidate.name === name);
  if (!step) throw new DomainError('not-found', `the plan has no step ${activity}/${name}`);
  return step;
};

/**
 * The step to run or to undo, if that may be:
 *
 * - the plan is open, and this revision is the one that it carries out, started and approved;
 * - it is the turn of its activity, and the run that asks was announced for it;
 * - going forth, the approvals before it are given and the steps before it done or skipped;
 * - no round runs ahead of the retries that people ordered.
 *
 * | what is asked                          | direction | purpose | kind of run |
 * | -------------------------------------- | --------- | ------- | ----------- |
 * | a step of the runbook                  | forth     | run     | run         |
 * | the undo of such a step                | back      | run     | run or undo |
 * | a step of the runbook that undoes all  | forth     | undo    | undo        |
 *
 * Refuses with `not-allowed`, `conflict` or `not-found`.
 */
export function stepToRun(reference: StepReference, direction: 'forth' | 'back', grounds: Grounds): SingleStep {
  refuseUnapproved(reference, grounds);
  const step = stepIn(grounds.content, reference);
  const run = { ...grounds, groups: groupsFor(grounds.content, reference.activity, reference.purpose) };
  // What was done is undone whatever anybody has to say of it.
  if (direction === 'forth') refuseBeforeItsApprovals(reference, run);
  refuseOutOfTurn(reference, direction, grounds);
  if (direction === 'forth') {
    refuseBeforeItsSteps(reference, run);
    if (reference.purpose === 'run') refuseBeforeItsActivities(reference, grounds);
    if (grounds.run.kind === 'run' && !hasBegun(reference, grounds.effects)) refuseUnwanted(reference, grounds);
  }
  refuseUnordered(reference, grounds);
  return step;
}

const refuseUnapproved = ({ belongsTo, revision }: StepReference, grounds: Grounds): void => {
  const { record, content, digest } = grounds;
  const plan = planIdIn(belongsTo);
  if (record && isOver(record)) throw new DomainError('conflict', `plan ${plan} is over`);
  if (grounds.start?.revision !== revision || grounds.start.digest !== digest)
    throw refused(`revision ${revision} of plan ${plan} has not been started`);
  if (record?.revision !== revision) throw refused(`revision ${revision} is not the one that plan ${plan} carries out`);
  if ('policy' in content.approval && !isGiven(grounds, planReference(plan), digest))
    throw refused(`revision ${revision} of plan ${plan} is not approved`);
};

/** The activities that an activity waits for, whether directly or not. */
const activitiesBefore = (content: PlanContent, name: string): Set<string> => {
  const seen = new Set<string>();
  const left = [name];
  for (let next = left.pop(); next !== undefined; next = left.pop())
    for (const before of content.activities.find((activity) => activity.name === next)?.after ?? []) {
      if (!seen.has(before)) left.push(before);
      seen.add(before);
    }
  return seen;
};

const refuseBeforeItsActivities = ({ activity }: StepReference, grounds: Grounds): void => {
  const { content, record, skipped } = grounds;
  const planWorkflowId = record?.workflowId ?? '';
  for (const before of activitiesBefore(content, activity)) {
    if (skipped.some(({ target, name }) => target === planWorkflowId && name === before)) continue;
    const runs = runsIn(grounds, runWorkflowIdsOf(planWorkflowId, before));
    for (const step of groupsFor(content, before, 'run').flat().filter(acts))
      if (!isBehind(step, runs, grounds))
        throw refused(`step ${step.name} of activity ${before}, which comes before, has not been done`);
  }
};

/** What people had skipped does not begin, nor does anything of a plan that is being stopped. */
const refuseUnwanted = ({ activity, step, workflowId }: StepReference, { record, skipped }: Grounds): void => {
  const isSkipped = skipped.some(
    ({ target, name, isSettled }) =>
      isSettled && ((target === workflowId && name === step) || (target === record?.workflowId && name === activity)),
  );
  if (isSkipped) throw refused(`step ${step} has been skipped`);
  if (record && isStopping(record)) throw refused(`the plan is being stopped: step ${step} does not begin`);
};

/** The runs of an activity of which there is anything to be seen. */
const runsIn = ({ effects, skipped }: Grounds, start: string): string[] => [
  ...new Set(
    [...effects.map(({ key }) => key), ...skipped.map(({ target }) => `${target}/`)].flatMap((key) => {
      const [, number] = (key.startsWith(start) && /^(\d+)\//.exec(key.slice(start.length))) || [];
      return number === undefined ? [] : [`${start}${number}`];
    }),
  ),
];

const refuseOutOfTurn = (
  { belongsTo, activity, purpose, workflowId }: StepReference,
  direction: 'forth' | 'back',
  { record, run }: Grounds,
): void => {
  const plan = planIdIn(belongsTo);
  if (run.belongsTo !== belongsTo || run.activity !== activity || run.workflowId !== workflowId)
    throw refused(`${workflowId} is no run of plan ${plan}`);
  // The runbook that undoes is executed by a run that undoes: its effects have keys of their own.
  if (purpose === 'undo' && run.kind !== 'undo') throw refused(`${workflowId} undoes nothing`);
  if (direction === 'forth' && purpose === 'run' && run.kind !== 'run') throw refused(`${workflowId} only undoes`);
  const isItsTime = record?.status === 'undoing' || (run.kind === 'run' && record?.status === 'running');
  if (!isItsTime)
    throw refused(
      `plan ${plan} is ${record?.status ?? 'not saved'}: nothing is ${run.kind === 'run' ? 'run' : 'undone'} now`,
    );
  // The plan says so before it starts the run: what it waits for is over then, and the environment is its own.
  const status = record?.activities.find(({ name }) => name === activity)?.status;
  if (direction === 'forth' && run.kind === 'run' && status !== 'running')
    throw refused(`activity ${activity} is ${status ?? 'not there'}: its runbook does not run now`);
};

/** Runs and rounds beyond the first have been ordered by a person, in a command that the database has. */
const refuseUnordered = (
  { activity, step, round }: StepReference,
  { run: { kind, number }, retriesOfActivity, retriesOfStep }: Grounds,
): void => {
  if (retriesOfActivity < number - 1) throw refused(`nobody ordered ${kind} ${number} of activity ${activity}`);
  refuseUnorderedRound({ step, round }, { retriesOfStep });
};
