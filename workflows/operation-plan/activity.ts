import { condition, patched } from '@temporalio/workflow';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { withActivity, withTask } from '../../domain/operation-plan.rules.ts';
import type { RunEnd } from '../../domain/runbook-run.ts';
import { stored } from '../activities.ts';
import { awaitTask } from '../task.ts';
import { now } from '../track.ts';
import { runChild } from './child.ts';
import { change, isStopping, isToContinue, statusOf, type Story, tellOwner } from './story.ts';

const pollEveryMs = 15_000;
/** A history has room for some thousands of looks. */
const mostPolls = 2_000;

/** Runs one activity: waits for its environment, then for its task or its runbook. */
export const runActivity = async (story: Story, name: string): Promise<void> => {
  const activity = activityOf(story, name);
  if (activity.status === 'planned') {
    if (!(await reserve(story, activity))) return;
    const hasWaited = statusOf(story, name) === 'waiting';
    change(story, name, {
      status: 'running',
      startedAt: now(),
      ...(hasWaited ? { detail: 'the environment is its own' } : {}),
    });
  }
  if (activity.kind === 'task') await runTask(story, name);
  else await runRunbook(story, activity);
  // What is still open keeps its environment over the change of runs.
  if (activity.environment !== 'none' && (!isToContinue(story) || (hasEnded(story, name) && patched('release-at-end'))))
    await release(story, name);
};

const release = ({ plan: { current } }: Story, activity: string): Promise<void> =>
  stored.releaseEnvironment({ plan: current.id, environment: current.environment, activity, at: Date.now() });

/** Waits for the environment, for as long as the plan says. False: given up. */
const reserve = async (story: Story, activity: PlanActivity): Promise<boolean> => {
  const { name, environment: mode } = activity;
  const { plan, timing } = story;
  if (mode === 'none') return true;
  const until = Date.now() + timing.reserveWithinMs;
  const isGivenUp = (): boolean => isStopping(story) || !['planned', 'waiting'].includes(statusOf(story, name));
  while (
    !(await stored.reserveEnvironment({
      plan: plan.current.id,
      environment: plan.current.environment,
      activity: name,
      mode,
      at: Date.now(),
    }))
  ) {
    if (isGivenUp()) {
      // An attempt that was given up may still come in.
      if (timing.worksInTurn) await release(story, name);
      return false;
    }
    if (statusOf(story, name) === 'planned')
      change(story, name, { status: 'waiting', detail: 'the environment is reserved' });
    if (Date.now() >= until) {
      change(story, name, {
        status: 'undone',
        detail: `${plan.current.environment} was not free in time`,
        endedAt: now(),
      });
      return false;
    }
    await condition(isGivenUp, Math.max(pollEveryMs, timing.reserveWithinMs / mostPolls));
  }
  if (!isGivenUp() && plan.current.paused && timing.worksInTurn) {
    // It begins nothing while the plan is paused, and keeps nobody else waiting.
    await release(story, name);
    await condition(() => !plan.current.paused || isGivenUp());
    return isGivenUp() ? false : reserve(story, activity);
  }
  if (!isGivenUp()) return true;
  if (patched('release-at-end')) await release(story, name);
  return false;
};

const hasEnded = (story: Story, name: string): boolean =>
  ['done', 'skipped', 'undone', 'undo-failed', 'cancelled'].includes(statusOf(story, name));

const runTask = async (story: Story, name: string): Promise<void> => {
  const { plan, timing } = story;
  // Nobody has to decide on it any more.
  const endIfCancelled = (): void => {
    if (statusOf(story, name) === 'failed' && plan.current.isCancelling && timing.worksInTurn)
      change(story, name, { status: 'cancelled', endedAt: now() });
  };
  endIfCancelled();
  if (statusOf(story, name) === 'cancelled') return;
  if (statusOf(story, name) !== 'failed') {
    const { id, workflowId, revision, team } = plan.current;
    const taskId = `${id}.task.${name}.${activityOf(story, name).round}`;
    const task = await awaitTask({
      id: taskId,
      plan: id,
      workflowId,
      activity: name,
      owner: team,
      order: () => stored.orderTask({ plan: id, revision, activity: name, purpose: 'run', isUndo: false }),
      find: () => plan.current.tasks.find((candidate) => candidate.id === taskId),
      put: (given, action) => plan.apply(withTask(plan.current, given), { action, detail: { task: taskId } }),
      isOff: () => plan.current.isCancelling || isToContinue(story),
    });
    if (task.status === 'open') {
      if (plan.current.isCancelling) {
        plan.apply(
          withTask(withActivity(plan.current, name, { status: 'cancelled', endedAt: now() }), {
            ...task,
            status: 'cancelled',
            closedAt: now(),
          }),
          { action: 'activity.cancelled', detail: { activity: name } },
        );
      }
      return;
    }
    if (statusOf(story, name) === 'skipped') return;
    change(story, name, { status: task.status === 'done' ? 'done' : 'failed', endedAt: now() }, { task: taskId });
    if (task.status === 'done') return;
  }
  await tellOwner(
    story,
    `activity/${name}/failed/${activityOf(story, name).round}`,
    `${name} failed`,
    `The task of ${name} failed. Retry or skip it, or cancel the plan; after a while what was done is undone.`,
  );
  const isDecided = (): boolean =>
    statusOf(story, name) !== 'failed' || plan.current.isCancelling || isToContinue(story);
  // Counted from the failure, so that the next run goes on where this one was.
  const failedAt = Date.parse(activityOf(story, name).endedAt ?? now());
  if (!(await condition(isDecided, Math.max(1, failedAt + timing.decideWithinMs - Date.now()))))
    change(story, name, { status: 'undone', detail: 'failed, and nobody decided what to do' });
  endIfCancelled();
};

const activityOf = ({ plan }: Story, name: string): PlanActivity =>
  plan.current.activities.find((activity) => activity.name === name)!;

const runRunbook = async (story: Story, { name, round }: PlanActivity): Promise<void> => {
  const { plan, timing } = story;
  const { id, revision } = plan.current;
  const ordered = await plan.briefly(stored.outlineRunbook({ plan: id, revision, activity: name, purpose: 'run' }));
  if (timing.worksLocally) await plan.saved();
  const ended = await runChild(story, { ...ordered!, activity: name, round, purpose: 'run', done: [] }, 'run');
  change(story, name, {
    status: activityStatusOf(ended),
    doneSteps: ended.done,
    detail: ended.outcome,
    endedAt: now(),
  });
};

const activityStatusOf = ({ status }: RunEnd): PlanActivity['status'] =>
  status === 'done' ? 'done' : status === 'undone' ? 'undone' : 'undo-failed';
