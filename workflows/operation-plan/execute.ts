import {
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  log,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { end, withActivity, withTask } from '../../domain/operation-plan.rules.ts';
import { readyToStart } from '../../domain/plan-graph.rules.ts';
import type { RunEnd, RunOpening } from '../../domain/runbook-run.ts';
import { stored } from '../activities.ts';
import { executeRunbook } from '../runbook/index.ts';
import { runPaused, runResumed, runStopped, runWorkflowId } from '../runbook.messages.ts';
import { awaitTask } from '../task.ts';
import { now } from '../track.ts';
import { becomeReady, look } from './assess.ts';
import { isToContinue, type Story, tellOwner } from './story.ts';

const pollEveryMs = 15_000;

/** Runs the activities in the order of the plan, side by side where it allows, until all have ended or one has failed. */
export async function execute(story: Story): Promise<void> {
  const { plan } = story;
  await plan.saved();
  const underWay = new Map<string, Promise<void>>();
  const startWhatIsReady = (): void => {
    if (plan.current.paused || isStopping(story) || isToContinue(story)) return;
    for (const { name } of startable(story)) {
      if (underWay.has(name)) continue;
      underWay.set(
        name,
        runActivity(story, name).finally(() => underWay.delete(name)),
      );
    }
  };
  for (;;) {
    startWhatIsReady();
    if (underWay.size === 0 && !plan.current.paused && startable(story).length === 0) break;
    if (underWay.size === 0 && isToContinue(story)) return;
    const before = plan.current;
    const started = underWay.size;
    await condition(
      () => plan.current !== before || underWay.size !== started || (underWay.size === 0 && isToContinue(story)),
    );
  }
  if (isStopping(story)) {
    const reason = reasonOf(story);
    plan.apply({ ...plan.current, status: 'undoing', outcome: reason }, { action: 'plan.undoing', reason });
  } else if (!plan.current.isGateOpen) await passGate(story);
  else if (plan.current.activities.every(({ status }) => status === 'done' || status === 'skipped')) {
    plan.apply(end(plan.current, 'completed', 'all activities are done', now()), { action: 'plan.completed' });
  }
}

/** A failed task may be retried or skipped by a person; a runbook that failed or was undone ends the work. */
const isStopping = ({ plan: { current } }: Story): boolean =>
  current.isCancelling || current.activities.some(({ status }) => status === 'undone' || status === 'undo-failed');

const startable = (story: Story): PlanActivity[] => {
  const { activities, isGateOpen } = story.plan.current;
  // A task that was open when the history was cut is waited for again.
  const resumed = activities.filter(
    ({ status, kind }) => kind === 'task' && (status === 'running' || status === 'failed'),
  );
  const ready = isStopping(story) ? [] : readyToStart(activities);
  return [...resumed, ...ready].filter(({ origin }) => isGateOpen || origin === 'gap');
};

const reasonOf = ({ plan: { current } }: Story): string => {
  if (current.isCancelling) return current.deviations.findLast((line) => line.startsWith('cancelled')) ?? 'cancelled';
  const failed = current.activities.find(({ status }) => status === 'undone' || status === 'undo-failed');
  return `${failed?.name ?? 'an activity'} failed: ${failed?.detail ?? 'for an unknown reason'}`;
};

/** The gaps are closed, say the activities; only the evidence opens the gate. */
const passGate = async (story: Story): Promise<void> => {
  const { plan } = story;
  await look(story, 'running');
  if (plan.current.readiness!.verdict === 'not-ready') await becomeReady(story, 'running');
  if (plan.current.readiness!.verdict !== 'not-ready' && plan.current.status === 'running') {
    plan.apply({ ...plan.current, isGateOpen: true }, { action: 'plan.gate-opened' });
  }
};

const change = (
  { plan }: Story,
  name: string,
  changed: Partial<PlanActivity>,
  detail?: Record<string, unknown>,
): void => {
  plan.apply(withActivity(plan.current, name, changed), {
    action: `activity.${changed.status}`,
    detail: { activity: name, ...detail },
  });
};

const runActivity = async (story: Story, name: string): Promise<void> => {
  const { plan } = story;
  const activity = plan.current.activities.find((candidate) => candidate.name === name)!;
  if (activity.status === 'planned') {
    if (!(await reserve(story, activity))) return;
    change(story, name, { status: 'running', startedAt: now() });
  }
  if (activity.kind === 'task') await runTask(story, name);
  else await runRunbook(story, activity);
  if (activity.environment !== 'none' && !isToContinue(story)) {
    await stored.releaseEnvironment({ plan: plan.current.id, environment: plan.current.environment, activity: name });
  }
};

/** Waits for the environment, for as long as the plan says. False: given up. */
const reserve = async (story: Story, { name, environment: mode }: PlanActivity): Promise<boolean> => {
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
    }))
  ) {
    if (isGivenUp()) return false;
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
    await condition(isGivenUp, pollEveryMs);
  }
  return !isGivenUp();
};

const statusOf = ({ plan }: Story, name: string): string =>
  plan.current.activities.find((activity) => activity.name === name)!.status;

const runTask = async (story: Story, name: string): Promise<void> => {
  const { plan, timing } = story;
  if (statusOf(story, name) !== 'failed') {
    const { id, workflowId, revision, team } = plan.current;
    const { round } = plan.current.activities.find((activity) => activity.name === name)!;
    const taskId = `${id}.task.${name}.${round}`;
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
    `activity/${name}/failed`,
    `${name} failed`,
    `The task of ${name} failed. Retry or skip it, or cancel the plan; after a while what was done is undone.`,
  );
  const isDecided = (): boolean =>
    statusOf(story, name) !== 'failed' || plan.current.isCancelling || isToContinue(story);
  if (!(await condition(isDecided, timing.decideWithinMs)))
    change(story, name, { status: 'undone', detail: 'failed, and nobody decided what to do' });
};

const runRunbook = async (story: Story, { name, round }: PlanActivity): Promise<void> => {
  const { plan } = story;
  const { id, revision } = plan.current;
  const ordered = await stored.outlineRunbook({ plan: id, revision, activity: name, purpose: 'run' });
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

const runChild = async (
  story: Story,
  how: Pick<RunOpening, 'activity' | 'round' | 'purpose' | 'done' | 'runbook' | 'outline'>,
  kind: 'run' | 'undo',
): Promise<RunEnd> => {
  const { plan, timing } = story;
  const { id, workflowId: parent, revision, team, trigger, assignments } = plan.current;
  const workflowId = runWorkflowId(parent, how.activity, kind, how.round);
  const executors = assignments.flatMap(({ person }) => (person === undefined ? [] : [person]));
  story.children += 1;
  try {
    const child = await startChild(executeRunbook, {
      workflowId,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `${kind} ${how.runbook}`,
      args: [
        {
          ...how,
          workflowId,
          plan: id,
          team,
          revision,
          requester: trigger.requester,
          executors,
          decideWithinMs: timing.decideWithinMs,
          messagesPerRun: timing.messagesPerRun,
        },
      ],
    });
    const relaying = new CancellationScope();
    relaying.run(() => relay(story, child, kind)).catch(unlessCancelled);
    const ended = await child.result();
    relaying.cancel();
    return ended;
  } finally {
    story.children -= 1;
  }
};

/** What is said to the plan is said to its runs: pause, resume, and stop when something else has failed. */
const relay = async (
  story: Story,
  child: ChildWorkflowHandle<typeof executeRunbook>,
  kind: 'run' | 'undo',
): Promise<void> => {
  const { plan } = story;
  let told = { paused: false, stopped: false };
  for (;;) {
    const wanted = (): typeof told => ({ paused: plan.current.paused, stopped: kind === 'run' && isStopping(story) });
    await condition(() => wanted().paused !== told.paused || wanted().stopped !== told.stopped);
    const next = wanted();
    if (next.stopped && !told.stopped) await child.signal(runStopped);
    if (next.paused !== told.paused) await child.signal(next.paused ? runPaused : runResumed);
    told = next;
  }
};

/** A run that has just ended hears nothing more, which is as good. */
const unlessCancelled = (error: unknown): void => {
  if (!isCancellation(error) && !(error instanceof Error && error.name === 'ExternalWorkflowExecutionNotFound'))
    log.warn('a run was not told', { error });
};

/** Takes back what was done, the latest first; an undo that fails waits for a person. */
export async function undo(story: Story): Promise<void> {
  const { plan } = story;
  await plan.saved();
  const isToBeUndone = ({ status, hasUndo }: PlanActivity): boolean =>
    hasUndo && (status === 'done' || status === 'undoing');
  for (;;) {
    const last = plan.current.activities
      .filter(isToBeUndone)
      .toSorted((a, b) => Date.parse(a.endedAt!) - Date.parse(b.endedAt!))
      .at(-1);
    if (!last) break;
    await undoActivity(story, last);
  }
  const left = plan.current.activities.filter(({ status }) => status === 'undo-failed').map(({ name }) => name);
  if (left.length === 0) {
    const status = plan.current.isCancelling ? 'cancelled' : 'undone';
    plan.apply(end(plan.current, status, plan.current.outcome ?? 'undone', now()), { action: `plan.${status}` });
    return;
  }
  await tellOwner(
    story,
    `undo-failed/${left.join('/')}`,
    'an undo failed',
    `Not undone: ${left.join(', ')}. Retry or skip each; after a while the plan ends as failed.`,
  );
  const before = plan.current;
  const isDecided = (): boolean => plan.current !== before;
  if (await condition(isDecided, story.timing.decideWithinMs)) return;
  const outcome = `${plan.current.outcome}; not undone: ${left.join(', ')}`;
  plan.apply(end(plan.current, 'failed', outcome, now()), { action: 'plan.failed', reason: outcome });
}

const undoActivity = async (story: Story, { name, round, doneSteps = [] }: PlanActivity): Promise<void> => {
  const { plan } = story;
  const { id, revision } = plan.current;
  change(story, name, { status: 'undoing' });
  const whole = await stored.outlineRunbook({ plan: id, revision, activity: name, purpose: 'undo' });
  const steps = whole ?? (await stored.outlineRunbook({ plan: id, revision, activity: name, purpose: 'run' }))!;
  const ended = await runChild(
    story,
    { ...steps, activity: name, round, purpose: whole ? 'undo' : 'undo-steps', done: whole ? [] : doneSteps },
    'undo',
  );
  const isUndone = whole ? ended.status === 'done' : ended.status === 'undone';
  change(story, name, { status: isUndone ? 'undone' : 'undo-failed', detail: ended.outcome, endedAt: now() });
};
