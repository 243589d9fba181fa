import { evenkeel } from '../../domain/actor.rules.ts';
import { taskIdOf } from '../../domain/identifiers.ts';
import { activityCancelled } from '../../domain/operation-plan/progress.rules.ts';
import { withTask } from '../../domain/operation-plan/record.rules.ts';
import type { Task } from '../../domain/task.ts';
import { awaitTask } from '../task.ts';
import { now } from '../time.ts';
import { activityOf, change, isStopping, isToContinue, type PlanContext, statusOf } from './context.ts';
import { awaitDecision } from './decision.ts';

/** An activity that is a task: a person does it; once it has failed, a person decides what becomes of it. */
export const runTask = async (context: PlanContext, name: string): Promise<void> => {
  if (statusOf(context, name) !== 'failed') await giveTask(context, name);
  if (statusOf(context, name) === 'failed') await awaitDecision(context, name);
};

const giveTask = async (context: PlanContext, name: string): Promise<void> => {
  const { plan, belongsTo, stored } = context;
  const { id: planId, workflowId, revision, team } = plan.current;
  const id = taskIdOf(belongsTo, name, activityOf(context, name).round);
  const task = await awaitTask(stored, {
    id,
    belongsTo,
    workflowId,
    place: { of: 'activity', activity: name },
    owner: team,
    order: () => stored.orderActivityTask({ plan: planId, revision, activity: name }),
    find: () => plan.current.tasks.find((candidate) => candidate.id === id),
    put: (given, action) => plan.apply(withTask(plan.current, given), { action, detail: { task: id } }),
    saved: plan.saved,
    // Nobody has to do it once what was done is to be undone.
    isOff: () => isStopping(context) || isToContinue(context),
  });
  if (task.status === 'open') {
    if (!isStopping(context)) return;
    plan.apply(activityCancelled(plan.current, name, now()), {
      action: 'activity.cancelled',
      detail: { activity: name },
    });
  } else if (statusOf(context, name) !== 'skipped') {
    const status = task.status === 'done' ? 'done' : 'failed';
    change(context, name, { status, detail: howClosed(task), endedAt: now() }, { task: id });
  }
};

const howClosed = ({ status, closedBy, reason }: Task): string =>
  reason ?? (closedBy && closedBy.name !== evenkeel.name ? `${status} by ${closedBy.name}` : 'nobody did it in time');
