import { condition } from '@temporalio/workflow';
import { looking } from '../activities.ts';
import { now } from '../time.ts';
import { activityOf, change, isStopping, isToContinue, type PlanContext, statusOf } from './context.ts';
import { awaitDecision } from './decision.ts';

/** A hypercare is watched; once it has failed, a person decides what becomes of it. */
export const runHypercare = async (context: PlanContext, name: string): Promise<void> => {
  if (statusOf(context, name) === 'running') await watch(context, name);
  if (statusOf(context, name) === 'failed') await awaitDecision(context, name);
};

/** Looks at the exit criteria until all are met and the least time has passed; when its most has passed, it has failed. */
const watch = async (context: PlanContext, name: string): Promise<void> => {
  const { plan } = context;
  const { hypercare, startedAt } = activityOf(context, name);
  const { lastsMs, atMostMs, lookEveryMs } = hypercare!;
  const from = Date.parse(startedAt!);
  const isOff = (): boolean => isStopping(context) || isToContinue(context) || statusOf(context, name) !== 'running';
  while (!isOff()) {
    const seen = context.heard.readiness();
    const { id, revision } = plan.current;
    const { isMet, detail } = await looking.lookAtExit({ plan: id, revision, activity: name, at: Date.now() });
    if (statusOf(context, name) !== 'running') break;
    const passedMs = Date.now() - from;
    if (isMet && passedMs >= lastsMs) {
      change(context, name, { status: 'done', detail, endedAt: now() });
      return;
    }
    if (passedMs >= atMostMs) {
      change(context, name, { status: 'failed', detail, endedAt: now() });
      return;
    }
    if (detail !== activityOf(context, name).detail) change(context, name, { status: 'running', detail });
    // The look at the end of either span is not late.
    const ends = [lastsMs, atMostMs].filter((ms) => ms > passedMs).map((ms) => ms - passedMs);
    // What somebody attests is looked at at once.
    await condition(() => isOff() || context.heard.readiness() !== seen, Math.min(lookEveryMs, ...ends));
  }
  if (isStopping(context) && statusOf(context, name) === 'running')
    change(context, name, { status: 'cancelled', endedAt: now() });
};
