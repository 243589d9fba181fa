import { condition } from '@temporalio/workflow';
import type { PlanActivity, PlanIn } from '../../domain/operation-plan.ts';
import { completed, gateOpened, undoing } from '../../domain/operation-plan/progress.rules.ts';
import { readyToStart } from '../../domain/operation-plan/graph.rules.ts';
import { refusalOf } from '../refusal.ts';
import { now } from '../time.ts';
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
  const { current } = plan;
  // Nothing but this function moves a running plan on.
  if (current.status !== 'running') return;
  if (isStopping(context)) stop(context, current, reasonOf(current));
  else if (!current.isGateOpen) await passGate(context);
  else if (current.activities.every(({ status }) => status === 'done' || status === 'skipped'))
    plan.apply(completed(current, now()), { action: 'plan.completed' });
  else stop(context, current, 'nothing is left that could be started, and not all is done');
}

const stop = ({ plan }: PlanContext, current: PlanIn<'running'>, reason: string): void => {
  plan.apply(undoing(current, reason), { action: 'plan.undoing', reason });
};

/** What the domain refuses ends the activity; anything else is a fault of ours, and waits for a version without it. */
const giveUp = (context: PlanContext, name: string, error: unknown): void => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  change(context, name, { status: 'undone', detail: refusal, endedAt: now() });
};

const startable = (context: PlanContext): PlanActivity[] => {
  const { current } = context.plan;
  const { activities } = current;
  // What was waited for when the history was cut is waited for again.
  const resumed = activities.filter(
    ({ status, kind }) => kind !== 'runbook' && (status === 'running' || status === 'failed'),
  );
  const ready = isStopping(context) ? [] : readyToStart(activities);
  return [...resumed, ...ready].filter(
    ({ origin }) => origin === 'gap' || ('isGateOpen' in current && current.isGateOpen),
  );
};

const reasonOf = (current: PlanIn<'running'>): string => {
  if (current.isCancelling) return current.deviations.findLast((line) => line.startsWith('cancelled')) ?? 'cancelled';
  const failed = current.activities.find(({ status }) => status === 'undone' || status === 'undo-failed');
  return `${failed?.name ?? 'an activity'} failed: ${failed?.detail ?? 'for an unknown reason'}`;
};

/** The gaps are closed, say the activities; only the evidence opens the gate. */
const passGate = async (context: PlanContext): Promise<void> => {
  const { plan } = context;
  await look(context);
  const looked = plan.current;
  if (looked.status === 'running' && looked.readiness.verdict === 'not-ready') await becomeReady(context, looked);
  const { current } = plan;
  if (current.status === 'running' && current.readiness.verdict !== 'not-ready')
    plan.apply(gateOpened(current), { action: 'plan.gate-opened' });
};
