import { describe, expect, test } from 'vitest';
import { close, complete, reassign } from '../../domain/task.rules.ts';
import type { CompleteTask, Task } from '../../domain/task.ts';
import { morning, person, task } from '../support/builders.ts';
import { taskId } from '../support/id.ts';

const form: Task['form'] = [
  { field: 'ticket', label: 'Ticket', type: 'text', required: true },
  { field: 'users', label: 'Users seen', type: 'number', required: false },
  { field: 'quiet', label: 'Is it quiet?', type: 'boolean', required: false },
];
const fillIn = (answers: CompleteTask['answers'], more: { of?: Task; result?: CompleteTask['result'] } = {}): Task =>
  complete(more.of ?? task('t1', { form }), {
    task: taskId('t1'),
    result: more.result ?? 'done',
    answers,
    reason: '',
    by: person('dan'),
    at: morning,
  });

describe('a task', () => {
  test('is done with its form filled in, and keeps who did it', () => {
    expect(fillIn({ ticket: 'OPS-1', users: 3, quiet: true })).toMatchObject({
      status: 'done',
      answers: { ticket: 'OPS-1', users: 3, quiet: true },
      closedBy: person('dan'),
      closedAt: morning,
    });
  });

  test('needs only the answers that are required', () => {
    expect(fillIn({ ticket: 'OPS-1' }).status).toBe('done');
  });

  test.each([
    ['boolean', false, false, 'failed'],
    ['boolean', false, true, 'done'],
    ['text', 'no', 'no', 'failed'],
    ['text', 'no', 'No', 'done'],
    ['number', { below: 95 }, 94.9, 'failed'],
    ['number', { below: 95 }, 95, 'done'],
    ['number', { above: 0 }, 1, 'failed'],
    ['number', 0, 0, 'failed'],
  ] as const)(
    'may fail with an answer: %s that fails when %j, answered %j, is %s',
    (type, failsWhen, answer, status) => {
      const of = task('t1', { form: [{ field: 'seen', label: 'Seen', type, required: true, failsWhen }] });

      expect(fillIn({ seen: answer }, { of })).toMatchObject({
        status,
        ...(status === 'failed' ? { reason: `Seen: ${answer === false ? 'no' : String(answer)}` } : {}),
      });
    },
  );

  test('is not asked about a failing answer that nobody gave', () => {
    const of = task('t1', {
      form: [{ field: 'seen', label: 'Seen', type: 'boolean', required: false, failsWhen: false }],
    });

    expect(fillIn({}, { of }).status).toBe('done');
  });

  test.each([
    ['a required answer is missing', { users: 3 }, 'answers.ticket'],
    ['a number is a text', { ticket: 'OPS-1', users: '3' }, 'answers.users'],
    ['a yes is a text', { ticket: 'OPS-1', quiet: 'yes' }, 'answers.quiet'],
    ['a text is a number', { ticket: 1 }, 'answers.ticket'],
    ['the form has no such field', { ticket: 'OPS-1', colour: 'red' }, 'answers.colour'],
  ])('is refused when %s', (_, answers: Record<string, string | number | boolean>, field) => {
    expect(() => fillIn(answers)).toThrow(expect.objectContaining({ code: 'invalid', field }));
  });

  test('is refused with all answers that are wrong, in words for people', () => {
    const of = task('t1', {
      form: [
        { field: 'safe', label: 'Is it safe?', type: 'boolean', required: true },
        { field: 'users', label: 'Users seen', type: 'number', required: true },
      ],
    });

    expect(() => fillIn({}, { of })).toThrow(
      'safe: is missing: expected yes or no; users: is missing: expected a number',
    );
    expect(() => fillIn({ safe: 'yes', users: 'many' }, { of })).toThrow(
      'safe: expected true or false; users: expected a number',
    );
  });

  test('may have a field with the name of something that every object has', () => {
    const of = task('t1', { form: [{ field: 'constructor', label: 'Builder', type: 'text', required: false }] });

    expect(fillIn({}, { of }).status).toBe('done');
  });

  test('could not be done without a word in its form', () => {
    expect(fillIn({}, { result: 'failed' }).status).toBe('failed');
  });

  test('is not completed twice', () => {
    const done = fillIn({ ticket: 'OPS-1' });

    expect(() => fillIn({ ticket: 'OPS-2' }, { of: done })).toThrow(expect.objectContaining({ code: 'conflict' }));
  });

  test('stays as it ended when it is closed afterwards', () => {
    const done = fillIn({ ticket: 'OPS-1' });

    expect(close(done, 'cancelled', person('ana'), morning)).toBe(done);
    expect(close(task('t1'), 'cancelled', person('ana'), morning)).toMatchObject({
      status: 'cancelled',
      closedBy: person('ana'),
    });
  });
});

describe('a task of a person', () => {
  const given = task('t1', { assignee: { person: 'dan' } });
  const to = (name: string, of: Task = given): Task =>
    reassign(of, { task: of.id, to: name, reason: 'dan is ill', by: person('cid'), at: morning });

  test('goes to another one, and keeps who had it, who moved it, and why', () => {
    expect(to('eva')).toMatchObject({
      status: 'open',
      assignee: { person: 'eva' },
      dueAt: given.dueAt,
      reassigned: [{ from: 'dan', to: 'eva', by: 'cid', reason: 'dan is ill', at: morning }],
    });
    expect(to('dan', to('eva')).reassigned).toMatchObject([{ to: 'eva' }, { from: 'eva', to: 'dan' }]);
  });

  test.each([
    ['is closed', task('t1', { assignee: { person: 'dan' }, status: 'done' }), 'is done'],
    ['is of a team', task('t1'), 'team shop'],
    ['is theirs already', task('t1', { assignee: { person: 'eva' } }), 'given to eva already'],
  ])('stays where it is when it %s', (_, of, why) => {
    expect(() => to('eva', of)).toThrow(
      expect.objectContaining({ code: 'conflict', message: expect.stringContaining(why) }),
    );
  });

  test('does not go round for ever', () => {
    let moved = given;
    for (let count = 0; count < 20; count += 1) moved = to(count % 2 === 0 ? 'eva' : 'dan', moved);

    expect(() => to('eva', moved)).toThrow('20 times');
  });
});
