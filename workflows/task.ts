import { condition } from '@temporalio/workflow';
import type { TaskId } from '../domain/id.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import type { LedgerAction } from '../domain/audit.ts';
import type { Reference } from '../domain/reference.ts';
import type { Task, TaskPlace } from '../domain/task.ts';
import type { TaskOrder } from '../activities/task-order.ts';
import type { Stored } from './activities.ts';
import { now } from './time.ts';

export interface Waiting {
  id: TaskId;
  belongsTo: Reference;
  workflowId: string;
  place: TaskPlace;
  /** Team that is told when the task is late. */
  owner: string;
  order: () => Promise<TaskOrder>;
  find(): Task | undefined;
  put(task: Task, action: LedgerAction): void;
  /** The wait is over for another reason: cancelled, or to be continued. */
  isOff(): boolean;
}

/**
 * Gives a task to a person and waits: reminder before it is due, the owner told when it is late, failed when it is late
 * twice. Returns the task as it stands; open only when the wait is off.
 */
export async function awaitTask(
  stored: Pick<Stored, 'notifyPeople'>,
  { id, belongsTo, workflowId, place, owner, order, find, put, isOff }: Waiting,
): Promise<Task> {
  const ordered = await order();
  if (!find()) {
    const { title, instructions, form, assignee, dueWithinMs } = ordered;
    const dueAt = new Date(Date.now() + dueWithinMs).toISOString();
    const asked = { title, instructions, form, assignee };
    const opened = { status: 'open', openedAt: now(), dueAt, escalated: false } as const;
    put({ id, belongsTo, workflowId, place, ...asked, ...opened }, 'task.opened');
    await stored.notifyPeople({
      key: `${id}/opened`,
      belongsTo,
      to: assignee,
      notice: { reason: 'task-opened', task: find()! },
    });
  }
  const isClosed = (): boolean => find()!.status !== 'open';
  const waitUntil = (at: number): Promise<boolean> =>
    condition(() => isClosed() || isOff(), Math.max(1, at - Date.now()));

  while (!isClosed() && !isOff()) {
    const task = find()!;
    const dueAt = Date.parse(task.dueAt);
    if (await waitUntil(dueAt - ordered.remindBeforeMs)) continue;
    await stored.notifyPeople({
      key: `${id}/reminded/${dueAt}`,
      belongsTo,
      to: task.assignee,
      notice: { reason: 'task-reminded', task },
    });
    if (await waitUntil(dueAt)) continue;
    if (isClosed()) continue;
    if (task.escalated) {
      put({ ...find()!, status: 'failed', closedAt: now(), closedBy: evenkeel }, 'task.expired');
      continue;
    }
    put({ ...find()!, escalated: true, dueAt: new Date(dueAt + ordered.dueWithinMs).toISOString() }, 'task.escalated');
    await stored.notifyPeople({
      key: `${id}/late`,
      belongsTo,
      to: { team: owner },
      notice: { reason: 'task-late', task: find()! },
    });
  }
  return find()!;
}
