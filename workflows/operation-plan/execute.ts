import { condition } from '@temporalio/workflow';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { end } from '../../domain/operation-plan.rules.ts';
import { readyToStart } from '../../domain/plan-graph.rules.ts';
import { refusalOf } from '../refusal.ts';
import { now } from '../track.ts';
import { runActivity } from './activity.ts';
import { becomeReady, look } from './assess.ts';
import { change, isStopping, isToContinue, type Story } from './story.ts';

/** Runs the activities in the order of the plan, side by side where it allows, until all have ended or one has failed. */
export async function execute(story: Story): Promise<void> {
  const { plan, timing } = story;
  // Executors believe the database alone: it has to say that the plan runs, before a runbook does at the latest.
  if (!timing.worksLocally) await plan.saved();
  const underWay = new Map<string, Promise<void>>();
  const startWhatIsReady = (): void => {
    const isHeld = isStopping(story) && !timing.worksInTurn;
    if (plan.current.paused || isHeld || isToContinue(story)) return;
    for (const { name } of startable(story)) {
      if (underWay.has(name)) continue;
      underWay.set(
        name,
        runActivity(story, name)
          .catch((error: unknown) => giveUp(story, name, error))
          .finally(() => underWay.delete(name)),
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

/** What the domain refuses ends the activity; anything else is a fault of ours, and waits for a version without it. */
const giveUp = (story: Story, name: string, error: unknown): void => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  change(story, name, { status: 'undone', detail: refusal, endedAt: now() });
};

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
