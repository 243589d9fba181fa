import { condition } from '@temporalio/workflow';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { isStaffed } from '../../domain/operation-plan/seat.rules.ts';
import { now } from '../time.ts';
import { activityOf, change, isStopping, isToContinue, type PlanContext, statusOf } from './context.ts';
import { release, reserve } from './reservation.ts';
import { runFor } from './runs.ts';
import { runHypercare } from './hypercare.ts';
import { runTask } from './task.ts';

/** Runs one activity: waits for its environment, then for its task or its runbook. */
export const runActivity = async (context: PlanContext, name: string): Promise<void> => {
  const activity = activityOf(context, name);
  if (activity.status === 'planned') {
    if (!isStaffed(context.plan.current, name) && !(await becomesStaffed(context, name))) return;
    if (!(await reserve(context, activity))) return;
    const hasWaited = statusOf(context, name) === 'waiting';
    change(context, name, {
      status: 'running',
      startedAt: now(),
      ...(hasWaited ? { detail: 'the environment is its own' } : {}),
    });
  }
  await carryOut[activity.kind](context, name);
  // What is still open keeps its environment over the change of runs.
  if (activity.environment !== 'none' && (!isToContinue(context) || hasEnded(context, name)))
    await release(context, name);
};

/** A seat that was moved is waited for: nothing begins half-staffed. False: the activity does not begin. */
const becomesStaffed = async (context: PlanContext, name: string): Promise<boolean> => {
  const isOff = (): boolean => isStopping(context) || isToContinue(context) || statusOf(context, name) !== 'planned';
  await condition(() => isOff() || (isStaffed(context.plan.current, name) && !context.plan.current.paused));
  return !isOff();
};

const hasEnded = (context: PlanContext, name: string): boolean =>
  ['done', 'skipped', 'undone', 'undo-failed', 'cancelled'].includes(statusOf(context, name));

const runAutomation = async (context: PlanContext, name: string): Promise<void> => {
  const { round } = activityOf(context, name);
  const { status, done, outcome } = (await runFor(context, {
    activity: name,
    kind: 'run',
    number: round,
    purpose: 'run',
    done: [],
  }))!;
  // A run that failed could not undo what it had done.
  const became = status === 'failed' ? 'undo-failed' : status;
  change(context, name, { status: became, doneSteps: done, detail: outcome, endedAt: now() });
};

const carryOut = { runbook: runAutomation, task: runTask, hypercare: runHypercare } as const satisfies Record<
  PlanActivity['kind'],
  unknown
>;
