import { condition } from '@temporalio/workflow';
import { taskIdOf } from '../../domain/identifiers.ts';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { activityCancelled } from '../../domain/operation-plan/progress.rules.ts';
import { withTask } from '../../domain/operation-plan/record.rules.ts';
import type { RunEnd } from '../../domain/runbook-run.ts';
import type { Task } from '../../domain/task.ts';
import { awaitTask } from '../task.ts';
import { now } from '../time.ts';
import { runFor } from './runs.ts';
import { change, isStopping, isToContinue, statusOf, type PlanContext, notifyOwner } from './context.ts';
import { release, reserve } from './reservation.ts';

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
  else await runRunbook(context, activity);
  // What is still open keeps its environment over the change of runs.
  if (activity.environment !== 'none' && (!isToContinue(context) || hasEnded(context, name)))
    await release(context, name);
};

const hasEnded = (context: PlanContext, name: string): boolean =>
  ['done', 'skipped', 'undone', 'undo-failed', 'cancelled'].includes(statusOf(context, name));

const runTask = async (context: PlanContext, name: string): Promise<void> => {
  const { plan, belongsTo, stored, timing } = context;
  // Nobody has to do it, or to decide on it, once what was done is to be undone.
  const isOff = (): boolean => isStopping(context);
  const endIfCancelled = (): void => {
    if (statusOf(context, name) === 'failed' && isOff()) change(context, name, { status: 'cancelled', endedAt: now() });
  };
  endIfCancelled();
  if (statusOf(context, name) === 'cancelled') return;
  if (statusOf(context, name) !== 'failed') {
    const { id, workflowId, revision, team } = plan.current;
    const taskId = taskIdOf(belongsTo, name, activityOf(context, name).round);
    const task = await awaitTask(stored, {
      id: taskId,
      belongsTo,
      workflowId,
      place: { of: 'activity', activity: name },
      owner: team,
      order: () => stored.orderActivityTask({ plan: id, revision, activity: name }),
      find: () => plan.current.tasks.find((candidate) => candidate.id === taskId),
      put: (given, action) => plan.apply(withTask(plan.current, given), { action, detail: { task: taskId } }),
      isOff: () => isOff() || isToContinue(context),
    });
    if (task.status === 'open') {
      if (isOff()) {
        const cancelled = activityCancelled(plan.current, name, now());
        plan.apply(cancelled, { action: 'activity.cancelled', detail: { activity: name } });
      }
      return;
    }
    if (statusOf(context, name) === 'skipped') return;
    const status = task.status === 'done' ? 'done' : 'failed';
    change(context, name, { status, detail: howClosed(task), endedAt: now() }, { task: taskId });
    if (task.status === 'done') return;
  }
  const round = `activity/${name}/failed/${activityOf(context, name).round}`;
  await notifyOwner(context, round, { reason: 'activity-failed', activity: name });
  const isDecided = (): boolean => statusOf(context, name) !== 'failed' || isOff() || isToContinue(context);
  // Counted from the failure, so that the next run goes on where this one was.
  const failedAt = Date.parse(activityOf(context, name).endedAt ?? now());
  if (!(await condition(isDecided, Math.max(1, failedAt + timing.decideWithinMs - Date.now()))))
    change(context, name, { status: 'undone', detail: 'failed, and nobody decided what to do' });
  endIfCancelled();
};

const howClosed = ({ status, closedBy, reason }: Task): string =>
  reason ?? (closedBy && closedBy.type !== 'system' ? `${status} by ${closedBy.name}` : 'nobody did it in time');

const activityOf = ({ plan }: PlanContext, name: string): PlanActivity =>
  plan.current.activities.find((activity) => activity.name === name)!;

const runRunbook = async (context: PlanContext, { name, round }: PlanActivity): Promise<void> => {
  const ended = (await runFor(context, { activity: name, kind: 'run', number: round, purpose: 'run', done: [] }))!;
  change(context, name, {
    status: activityStatusOf(ended),
    doneSteps: ended.done,
    detail: ended.outcome,
    endedAt: now(),
  });
};

const activityStatusOf = ({ status }: RunEnd): PlanActivity['status'] =>
  status === 'done' ? 'done' : status === 'undone' ? 'undone' : 'undo-failed';
