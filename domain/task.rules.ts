import type { Actor } from './actor.ts';
import { DomainError } from './errors.ts';
import type { CompleteTask, Task } from './task.ts';

/** Closes an open task with its form filled in. Refuses a closed task, a missing or an unknown answer. */
export function complete(task: Task, ask: CompleteTask & { by: Actor; at: string }): Task {
  if (task.status !== 'open') throw new DomainError('conflict', `task ${task.id} is ${task.status}`);
  if (ask.result === 'done') refuseUnlessFilledIn(task, ask.answers);
  const reason = ask.reason === '' ? {} : { reason: ask.reason };
  return { ...task, status: ask.result, answers: ask.answers, ...reason, closedBy: ask.by, closedAt: ask.at };
}

const refuseUnlessFilledIn = ({ form }: Task, answers: CompleteTask['answers']): void => {
  const wrong = form.filter(({ field, type, required }) => {
    const answer = Object.hasOwn(answers, field) ? answers[field] : undefined;
    if (answer === undefined && !required) return false;
    return typeof answer !== (type === 'text' ? 'string' : type) || (required && answer === '');
  });
  if (wrong[0]) {
    const faults = wrong.map(({ field, type }) => `${field}: expected a ${type}`);
    throw new DomainError('invalid', faults.join('; '), `answers.${wrong[0].field}`);
  }
  const stranger = Object.keys(answers).find((field) => !form.some((question) => question.field === field));
  if (stranger !== undefined)
    throw new DomainError('invalid', `the form has no field ${stranger}`, `answers.${stranger}`);
};

/** Whatever they belong to has ended: nobody is to do them any more. */
export const cancelOpen = (tasks: readonly Task[], at: string): Task[] =>
  tasks.map((task) => (task.status === 'open' ? { ...task, status: 'cancelled', closedAt: at } : task));

export const close = (task: Task, status: 'cancelled' | 'skipped' | 'failed', by: Actor, at: string): Task =>
  task.status === 'open' ? { ...task, status, closedBy: by, closedAt: at } : task;
