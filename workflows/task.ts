import { condition } from '@temporalio/workflow';
import type { TaskId } from '../domain/id.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import type { LedgerAction } from '../domain/audit.ts';
import type { Recipient, Said } from '../domain/notice.ts';
import type { Reference } from '../domain/reference.ts';
import type { Task, TaskPlace } from '../domain/task.ts';
import type { TaskOrder } from '../activities/task-order.ts';
import type { Stored } from './activities.ts';
import { inTime, now } from './time.ts';

type TaskSaid = Extract<Said, { task: TaskId }>;

export interface Waiting {
  id: TaskId;
  belongsTo: Reference;
  workflowId: string;
  place: TaskPlace;
  /** Team that is notified when the task is late. */
  owner: string;
  order: () => Promise<TaskOrder>;
  find(): Task | undefined;
  put(task: Task, action: LedgerAction): void;
  /** Resolves when the task can be read as it is now: mails are worded from there. */
  saved(): Promise<void>;
  /** The wait is over for another reason: cancelled, or to be continued. */
  isOff(): boolean;
}

/**
 * Gives a task to a person, or later to another one, and waits: reminder before it is due, the owner notified when it is late,
 * failed when it is late twice. Returns the task as it stands; open only when the wait is off.
 */
export async function awaitTask(
  stored: Pick<Stored, 'notifyPeople'>,
  { id, belongsTo, workflowId, place, owner, order, find, put, saved, isOff }: Waiting,
): Promise<Task> {
  const ordered = await order();
  const notify = (occasion: string, to: Recipient, reason: TaskSaid['reason']): Promise<void> =>
    saved().then(() => stored.notifyPeople({ key: `${id}/${occasion}`, belongsTo, to, said: { reason, task: id } }));
  if (!find()) {
    const { title, instructions, form, assignee, dueWithinMs } = ordered;
    const asked = { title, instructions, form, assignee };
    const opened = { status: 'open', openedAt: now(), dueAt: inTime(dueWithinMs), escalated: false } as const;
    put({ id, belongsTo, workflowId, place, ...asked, ...opened }, 'task.opened');
    await notify('opened', assignee, 'task-opened');
  }
  const isClosed = (): boolean => find()!.status !== 'open';
  const moves = (): NonNullable<Task['reassigned']> => find()!.reassigned ?? [];
  // The run before may have ended before it notified anybody of the last one.
  let notified = Math.max(0, moves().length - 1);
  const notifyOfMoves = async (): Promise<void> => {
    for (; notified < moves().length; notified += 1) {
      const { from, to, at } = moves()[notified]!;
      await notify(`taken/${at}`, { person: from }, 'task-taken');
      if (notified === moves().length - 1) await notify(`reassigned/${at}`, { person: to }, 'task-reassigned');
    }
  };
  const waitUntil = (at: number): Promise<boolean> =>
    condition(() => isClosed() || isOff() || notified < moves().length, Math.max(1, at - Date.now()));

  while (!isClosed() && !isOff()) {
    await notifyOfMoves();
    const task = find()!;
    const dueAt = Date.parse(task.dueAt);
    if (await waitUntil(dueAt - ordered.remindBeforeMs)) continue;
    await notify(`reminded/${dueAt}`, task.assignee, 'task-reminded');
    if (await waitUntil(dueAt)) continue;
    if (isClosed()) continue;
    if (task.escalated) {
      put({ ...find()!, status: 'failed', closedAt: now(), closedBy: evenkeel }, 'task.expired');
      continue;
    }
    put({ ...find()!, escalated: true, dueAt: new Date(dueAt + ordered.dueWithinMs).toISOString() }, 'task.escalated');
    await notify('late', { team: owner }, 'task-late');
  }
  return find()!;
}
