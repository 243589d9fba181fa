import { condition } from '@temporalio/workflow';
import { now } from '../time.ts';
import { activityOf, change, isStopping, isToContinue, notifyOwner, type PlanContext, statusOf } from './context.ts';

/** An activity has failed: retried or skipped by a person, or undone after a while; nobody is asked once all is to be undone. */
export const awaitDecision = async (context: PlanContext, name: string): Promise<void> => {
  const { round, endedAt = now() } = activityOf(context, name);
  if (!isStopping(context)) {
    await notifyOwner(context, `activity/${name}/failed/${round}`, { reason: 'activity-failed', activity: name });
    const isDecided = (): boolean =>
      statusOf(context, name) !== 'failed' || isStopping(context) || isToContinue(context);
    // Counted from the failure, so that the next run goes on where this one was.
    const leftMs = Date.parse(endedAt) + context.timing.decideWithinMs - Date.now();
    if (!(await condition(isDecided, Math.max(1, leftMs))))
      change(context, name, { status: 'undone', detail: 'failed, and nobody decided what to do' });
  }
  if (isStopping(context) && statusOf(context, name) === 'failed')
    change(context, name, { status: 'cancelled', endedAt: now() });
};
