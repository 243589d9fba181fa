import type { PlanActivity } from '../../domain/operation-plan.ts';
import { now } from '../time.ts';
import { activityOf, change, isToContinue, type PlanContext, statusOf } from './context.ts';
import { release, reserve } from './reservation.ts';
import { runFor } from './runs.ts';
import { runTask } from './task.ts';

/** Runs one activity: waits for its environment, then for its task or its runbook. */
export const runActivity = async (context: PlanContext, name: string): Promise<void> => {
  const activity = activityOf(context, name);
  if (activity.status === 'planned') {
    if (!(await reserve(context, activity))) return;
    const hasWaited = statusOf(context, name) === 'waiting';
    change(context, name, {
      status: 'running',
      startedAt: now(),
      ...(hasWaited ? { detail: 'the environment is its own' } : {}),
    });
  }
  if (activity.kind === 'task') await runTask(context, name);
  else await runAutomation(context, activity);
  // What is still open keeps its environment over the change of runs.
  if (activity.environment !== 'none' && (!isToContinue(context) || hasEnded(context, name)))
    await release(context, name);
};

const hasEnded = (context: PlanContext, name: string): boolean =>
  ['done', 'skipped', 'undone', 'undo-failed', 'cancelled'].includes(statusOf(context, name));

const runAutomation = async (context: PlanContext, { name, round }: PlanActivity): Promise<void> => {
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
