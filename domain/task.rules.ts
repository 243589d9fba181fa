import type { Actor } from './actor.ts';
import { DomainError } from './errors.ts';
import type { Form } from './runbook.ts';
import type { CompleteTask, ReassignTask, Task } from './task.ts';

/**
 * Closes an open task with its form filled in. Refuses a closed task, a missing or an unknown answer. An answer that
 * the form says is a failure is one, whatever whoever gave it calls the result.
 */
export function complete(task: Task, ask: CompleteTask & { by: Actor; at: string }): Task {
  if (task.status !== 'open') throw new DomainError('conflict', `task ${task.id} is ${task.status}`);
  if (ask.result === 'done') refuseUnlessFilledIn(task, ask.answers);
  const failures = ask.result === 'done' ? failuresIn(task, ask.answers) : [];
  const said = [...failures, ...(ask.reason === '' ? [] : [ask.reason])].join('; ');
  const reason = said === '' ? {} : { reason: said };
  return {
    ...task,
    status: failures.length > 0 ? 'failed' : ask.result,
    answers: ask.answers,
    ...reason,
    closedBy: ask.by,
    closedAt: ask.at,
  };
}

/** Answers with which the task has failed, in words. */
const failuresIn = ({ form }: Task, answers: CompleteTask['answers']): string[] =>
  form.flatMap(({ field, label, failsWhen }) => {
    const answer = Object.hasOwn(answers, field) ? answers[field] : undefined;
    if (failsWhen === undefined || answer === undefined || !isFailure(answer, failsWhen)) return [];
    return [`${label}: ${typeof answer === 'boolean' ? (answer ? 'yes' : 'no') : answer}`];
  });

const isFailure = (answer: string | number | boolean, failsWhen: NonNullable<Form[number]['failsWhen']>): boolean => {
  if (typeof failsWhen !== 'object') return answer === failsWhen;
  return 'below' in failsWhen ? Number(answer) < failsWhen.below : Number(answer) > failsWhen.above;
};

/** A program that gives the words for a boolean is told what it is in JSON. */
const faultOf = (type: Form[number]['type'], isGiven: boolean): string => {
  if (!isGiven) return `is missing: expected ${answerText[type]}`;
  return type === 'boolean' ? 'expected true or false' : `expected ${answerText[type]}`;
};

/** What an answer of each type is, for people. */
export const answerText: Record<Form[number]['type'], string> = {
  text: 'text',
  number: 'a number',
  boolean: 'yes or no',
};

const refuseUnlessFilledIn = ({ form }: Task, answers: CompleteTask['answers']): void => {
  const wrong = form.filter(({ field, type, required }) => {
    const answer = Object.hasOwn(answers, field) ? answers[field] : undefined;
    if (answer === undefined && !required) return false;
    return typeof answer !== (type === 'text' ? 'string' : type) || (required && answer === '');
  });
  if (wrong[0]) {
    const faults = wrong.map(({ field, type }) => `${field}: ${faultOf(type, Object.hasOwn(answers, field))}`);
    throw new DomainError('invalid', faults.join('; '), `answers.${wrong[0].field}`);
  }
  const stranger = Object.keys(answers).find((field) => !form.some((question) => question.field === field));
  if (stranger !== undefined)
    throw new DomainError('invalid', `the form has no field ${stranger}`, `answers.${stranger}`);
};

const mostMoves = 20;

/** Gives an open task to another person. Refuses one of a team: whoever of the team can completes it. */
export function reassign(task: Task, { to, reason, by, at }: ReassignTask & { by: Actor; at: string }): Task {
  const { assignee, reassigned = [] } = task;
  if (task.status !== 'open') throw new DomainError('conflict', `task ${task.id} is ${task.status}`);
  if ('team' in assignee)
    throw new DomainError('conflict', `the task was given to team ${assignee.team}: anybody of it may complete it`);
  if (assignee.person === to) throw new DomainError('conflict', `the task was given to ${to} already`, 'to');
  if (reassigned.length >= mostMoves)
    throw new DomainError('conflict', `the task was reassigned ${mostMoves} times already`);
  const move = { from: assignee.person, to, by: by.name, reason, at };
  return { ...task, assignee: { person: to }, reassigned: [...reassigned, move] };
}

/** In words, for whoever reads what went otherwise: `Hand over was given to ben instead of ana, by cid: ill`. */
export const movesOf = ({ title, reassigned = [] }: Pick<Task, 'title' | 'reassigned'>): string[] =>
  reassigned.map(({ from, to, by, reason }) => `${title} was given to ${to} instead of ${from}, by ${by}: ${reason}`);

/** Whatever they belong to has ended: nobody is to do them any more. */
export const cancelOpen = (tasks: readonly Task[], at: string): Task[] =>
  tasks.map((task) => (task.status === 'open' ? { ...task, status: 'cancelled', closedAt: at } : task));

export const close = (task: Task, status: 'cancelled' | 'skipped' | 'failed', by: Actor, at: string): Task =>
  task.status === 'open' ? { ...task, status, closedBy: by, closedAt: at } : task;

/** With which answer a task fails, behind its question. */
export const failingText = (failsWhen: Task['form'][number]['failsWhen']): string => {
  if (failsWhen === undefined) return '';
  if (typeof failsWhen === 'boolean') return `; the task fails with ${failsWhen ? 'yes' : 'no'}`;
  if (typeof failsWhen !== 'object') return `; the task fails with ${failsWhen}`;
  return 'below' in failsWhen
    ? `; the task fails below ${failsWhen.below}`
    : `; the task fails above ${failsWhen.above}`;
};
