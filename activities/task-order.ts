import { milliseconds } from '../domain/duration.ts';
import type { HumanTask } from '../domain/runbook.ts';

/** What a person is asked to do, and by when. */
export interface TaskOrder extends Pick<HumanTask, 'title' | 'instructions' | 'form' | 'assignee'> {
  dueWithinMs: number;
  remindBeforeMs: number;
}

/** The order that a task of a plan or a step comes to, in words that are filled in. */
export const taskOrderOf = (task: HumanTask, fill: (text: string) => string = (text) => text): TaskOrder => ({
  title: fill(task.title),
  instructions: fill(task.instructions),
  form: task.form,
  assignee: task.assignee,
  dueWithinMs: milliseconds(task.dueWithin),
  remindBeforeMs: milliseconds(task.remindBefore),
});
