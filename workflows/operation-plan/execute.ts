import { condition } from '@temporalio/workflow';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { completed, gateOpened, undoing } from '../../domain/operation-plan/progress.rules.ts';
import { readyToStart } from '../../domain/operation-plan/graph.rules.ts';
import { refusalOf } from '../refusal.ts';
import { now } from '../track.ts';
import { runActivity } from './activity.ts';
import { becomeReady, look } from './assess.ts';
import { change, isStopping, isToContinue, type PlanContext } from './context.ts';

/** Runs the activities in the order of the plan, side by side where it allows, until all have ended or one has failed. */
export async function execute(context: PlanContext): Promise<void> {
  const { plan } = context;
  const underWay = new Map<string, Promise<void>>();
  const startWhatIsReady = (): void => {
    if (plan.current.paused || isToContinue(context)) return;
    for (const { name } of startable(context)) {
      if (underWay.has(name)) continue;
      underWay.set(
        name,
        runActivity(context, name)
          .catch((error: unknown) => giveUp(context, name, error))
          .finally(() => underWay.delete(name)),
      );
    }
  };
  for (;;) {
    startWhatIsReady();
    if (underWay.size === 0 && !plan.current.paused && startable(context).length === 0) break;
    if (underWay.size === 0 && isToContinue(context)) return;
    const before = plan.current;
    const started = underWay.size;
    await condition(
      () => plan.current !== before || underWay.size !== started || (underWay.size === 0 && isToContinue(context)),
    );
  }
  if (isStopping(context)) {
    const reason = reasonOf(context);
    plan.apply(undoing(plan.current, reason), { action: 'plan.undoing', reason });
  } else if (!plan.current.isGateOpen) await passGate(context);
  else if (plan.current.activities.every(({ status }) => status === 'done' || status === 'skipped')) {
    plan.apply(completed(plan.current, now()), { action: 'plan.completed' });
  } else {
    const reason = 'nothing is left that could be started, and not all is done';
    plan.apply(undoing(plan.current, reason), { action: 'plan.undoing', reason });
  }
}

/** What the domain refuses ends the activity; anything else is a fault of ours, and waits for a version without it. */
const giveUp = (context: PlanContext, name: string, error: unknown): void => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  change(context, name, { status: 'undone', detail: refusal, endedAt: now() });
};

const startable = (context: PlanContext): PlanActivity[] => {
  const { activities, isGateOpen } = context.plan.current;
  // A task that was open when the history was cut is waited for again.
  const resumed = activities.filter(
    ({ status, kind }) => kind === 'task' && (status === 'running' || status === 'failed'),
  );
  const ready = isStopping(context) ? [] : readyToStart(activities);
  return [...resumed, ...ready].filter(({ origin }) => isGateOpen || origin === 'gap');
};

const reasonOf = ({ plan: { current } }: PlanContext): string => {
  if (current.isCancelling) return current.deviations.findLast((line) => line.startsWith('cancelled')) ?? 'cancelled';
  const failed = current.activities.find(({ status }) => status === 'undone' || status === 'undo-failed');
  return `${failed?.name ?? 'an activity'} failed: ${failed?.detail ?? 'for an unknown reason'}`;
};

/** The gaps are closed, say the activities; only the evidence opens the gate. */
const passGate = async (context: PlanContext): Promise<void> => {
  const { plan } = context;
  await look(context, 'running');
  if (plan.current.readiness!.verdict === 'not-ready') await becomeReady(context, 'running');
  if (plan.current.readiness!.verdict !== 'not-ready' && plan.current.status === 'running') {
    plan.apply(gateOpened(plan.current), { action: 'plan.gate-opened' });
  }
};
