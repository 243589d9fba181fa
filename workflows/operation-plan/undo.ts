import { condition } from '@temporalio/workflow';
import type { PlanActivity, PlanIn } from '../../domain/operation-plan.ts';
import { end } from '../../domain/operation-plan/record.rules.ts';
import { now } from '../time.ts';
import { runFor } from './runs.ts';
import { change, statusOf, type PlanContext, notifyOwner } from './context.ts';
import { release, reserveForUndo } from './reservation.ts';

/** Undoes what was done, the latest first; an undo that fails waits for a person. */
export async function undo(context: PlanContext, { outcome: reason }: PlanIn<'undoing'>): Promise<void> {
  const { plan } = context;
  await plan.saved();
  const isToBeUndone = ({ status, hasUndo }: PlanActivity): boolean =>
    hasUndo && (status === 'done' || status === 'undoing');
  for (;;) {
    const last = plan.current.activities
      .filter(isToBeUndone)
      .toSorted((a, b) => Date.parse(a.endedAt!) - Date.parse(b.endedAt!))
      .at(-1);
    if (!last) break;
    await undoActivity(context, last);
  }
  const failed = plan.current.activities.filter(({ status }) => status === 'undo-failed');
  const left = failed.map(({ name }) => name);
  if (left.length === 0) {
    const status = plan.current.isCancelling ? 'cancelled' : 'undone';
    plan.apply(end(plan.current, status, reason, now()), { action: `plan.${status}` });
    return;
  }
  const tries = failed.map(({ name, round }) => `${name}.${round}`).join('/');
  await notifyOwner(context, `undo-failed/${tries}`, { reason: 'undo-failed', activities: left });
  const isDecided = (): boolean => left.some((name) => statusOf(context, name) !== 'undo-failed');
  if (await condition(isDecided, context.timing.decideWithinMs)) return;
  const outcome = `${reason}; not undone: ${left.join(', ')}`;
  plan.apply(end(plan.current, 'failed', outcome, now()), { action: 'plan.failed', reason: outcome });
}

const undoActivity = async (context: PlanContext, activity: PlanActivity): Promise<void> => {
  const { name, round, doneSteps = [], environment } = activity;
  change(context, name, { status: 'undoing' });
  const holds = environment !== 'none';
  if (holds) await reserveForUndo(context, activity);
  const place = { activity: name, kind: 'undo', number: round } as const;
  const whole = await runFor(context, { ...place, purpose: 'undo', done: [] });
  // Without a runbook that undoes it as a whole, each of its steps that was done is undone.
  const ended = whole ?? (await runFor(context, { ...place, purpose: 'undo-steps', done: doneSteps }))!;
  if (holds) await release(context, name);
  const isUndone = whole ? ended.status === 'done' : ended.status === 'undone';
  // A retry undoes what is left, and nothing twice.
  const left = whole ? {} : { doneSteps: ended.done };
  change(context, name, {
    status: isUndone ? 'undone' : 'undo-failed',
    detail: isUndone ? 'undone' : ended.outcome,
    endedAt: now(),
    ...left,
  });
};
