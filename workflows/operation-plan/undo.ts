import { condition } from '@temporalio/workflow';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { end } from '../../domain/operation-plan/record.rules.ts';
import { now } from '../track.ts';
import { runChild } from './child.ts';
import { change, statusOf, type PlanContext, tellOwner } from './context.ts';
import { release, reserveForUndo } from './reservation.ts';

/** Takes back what was done, the latest first; an undo that fails waits for a person. */
export async function undo(context: PlanContext): Promise<void> {
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
    plan.apply(end(plan.current, status, plan.current.outcome ?? 'undone', now()), { action: `plan.${status}` });
    return;
  }
  await tellOwner(
    context,
    `undo-failed/${failed.map(({ name, round }) => `${name}.${round}`).join('/')}`,
    'an undo failed',
    `Not undone: ${left.join(', ')}. Retry or skip each; after a while the plan ends as failed.`,
  );
  const isDecided = (): boolean => left.some((name) => statusOf(context, name) !== 'undo-failed');
  if (await condition(isDecided, context.timing.decideWithinMs)) return;
  const outcome = `${plan.current.outcome}; not undone: ${left.join(', ')}`;
  plan.apply(end(plan.current, 'failed', outcome, now()), { action: 'plan.failed', reason: outcome });
}

const undoActivity = async (context: PlanContext, activity: PlanActivity): Promise<void> => {
  const { name, round, doneSteps = [], environment } = activity;
  const { plan, stored } = context;
  const { id, revision } = plan.current;
  change(context, name, { status: 'undoing' });
  const holds = environment !== 'none';
  if (holds) await reserveForUndo(context, activity);
  const whole = await stored.outlineRunbook({ plan: id, revision, activity: name, purpose: 'undo' });
  const steps = whole ?? (await stored.outlineRunbook({ plan: id, revision, activity: name, purpose: 'run' }))!;
  const ended = await runChild(
    context,
    { ...steps, activity: name, round, purpose: whole ? 'undo' : 'undo-steps', done: whole ? [] : doneSteps },
    'undo',
  );
  if (holds) await release(context, name);
  const isUndone = whole ? ended.status === 'done' : ended.status === 'undone';
  // A retry takes back what is left, and nothing twice.
  const left = whole ? {} : { doneSteps: ended.done };
  change(context, name, {
    status: isUndone ? 'undone' : 'undo-failed',
    detail: isUndone ? 'taken back' : ended.outcome,
    endedAt: now(),
    ...left,
  });
};
