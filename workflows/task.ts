import { condition } from '@temporalio/workflow';
import { evenkeel } from '../domain/actor.rules.ts';
import type { Task } from '../domain/task.ts';
import type { TaskOrder } from '../activities/runbook.ts';
import type { Stored } from './activities.ts';
import { now } from './track.ts';

export interface Waiting {
  id: string;
  plan: string;
  workflowId: string;
  activity: string;
  step?: string;
  /** Team that is told when the task is late. */
  owner: string;
  order: () => Promise<TaskOrder & { dueWithinMs: number; remindBeforeMs: number }>;
  find(): Task | undefined;
  put(task: Task, action: string): void;
  /** The wait is over for another reason: cancelled, or to be continued. */
  isOff(): boolean;
}

/**
 * Gives a task to a person and waits: reminder before it is due, the owner told when it is late, failed when it is late
 * twice. Returns the task as it stands; open only when the wait is off.
 */
export async function awaitTask(
  stored: Pick<Stored, 'notifyPeople'>,
  { id, plan, workflowId, activity, step, owner, order, find, put, isOff }: Waiting,
): Promise<Task> {
  const ordered = await order();
  if (!find()) {
    const { title, instructions, form, assignee, dueWithinMs } = ordered;
    const place = { id, plan, workflowId, activity, ...(step === undefined ? {} : { step }) };
    const dueAt = new Date(Date.now() + dueWithinMs).toISOString();
    put(
      { ...place, title, instructions, form, assignee, status: 'open', openedAt: now(), dueAt, escalated: false },
      'task.opened',
    );
    await stored.notifyPeople({
      key: `${id}/opened`,
      plan,
      to: assignee,
      subject: `Task: ${title}`,
      text: taskText(find()!),
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
      plan,
      to: task.assignee,
      subject: `Reminder: ${task.title}`,
      text: taskText(task),
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
      plan,
      to: { team: owner },
      subject: `Late: ${task.title}`,
      text: taskText(find()!),
    });
  }
  return find()!;
}

const taskText = ({ id, title, instructions, dueAt }: Task): string =>
  `${title}\n\n${instructions}\n\nDue ${dueAt}.\n\nevenkeel task complete ${id}`;
