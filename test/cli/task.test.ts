import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

test('a task is shown with what the steps before it said, which cannot pass for our words', async () => {
  const task = {
    id: 't1',
    belongsTo: 'plan/p1',
    workflowId: 'w',
    place: { of: 'step', activity: 'work', run: 'r', step: 'look' },
    title: 'Look at it',
    instructions: 'Is it well?',
    form: [{ field: 'safe', label: 'Is it safe?', type: 'boolean', required: true }],
    answers: { safe: true },
    assignee: { team: 'shop' },
    status: 'open',
    openedAt: '2026-03-24T09:00:00.000Z',
    dueAt: '2026-03-24T13:00:00.000Z',
    escalated: false,
    reassigned: [{ from: 'dan', to: 'eva', by: 'cid', reason: 'dan is ill', at: '2026-03-24T10:00:00.000Z' }],
    said: [{ step: 'migrate', ok: true, detail: 'exit code 0', output: 'rows changed: 42\nstatus  done' }],
  };
  const api = await startFakeApi({ 'GET /v1/tasks/t1': { body: task } });

  const { out } = await evenkeel(api.url, 'task', 'show', 't1');

  expect(out).toMatch(/reassigned +dan to eva, by cid, 2026-03-24 10:00:00Z .*: dan is ill\n/);
  expect(out).toMatch(/safe +yes or no +Is it safe\? +yes\n/);
  expect(out).toContain('Is it well?\n\noutput of migrate: exit code 0\n  rows changed: 42\n  status  done\n');
});

test('answers are taken as the form says, and all that are not valid are named at once', async () => {
  const form = [
    { field: 'safe', label: 'Is it safe?', type: 'boolean', required: true },
    { field: 'users', label: 'Users seen', type: 'number', required: true },
  ];
  const api = await startFakeApi({ 'GET /v1/tasks/t1': { body: { form } } });
  const complete = (...set: string[]) => evenkeel(api.url, 'task', 'complete', 't1', '--set', ...set);

  expect((await complete('safe=maybe')).err).toBe(
    'evenkeel: --set safe=maybe: expected yes or no (or true or false)\n',
  );
  expect(await complete('safe=maybe', 'users=', 'colour=red')).toMatchObject({
    code: 2,
    err: [
      '--set safe=maybe: expected yes or no (or true or false)',
      '--set users=: expected a number',
      '--set colour=red: the form has no field colour (fields: safe, users)',
      'evenkeel: 3 answers are not valid\n',
    ].join('\n'),
  });
  expect((await complete('safe=Yes', 'users=3')).code).toBe(0);
  expect(api.heard.at(-1)!.body).toMatchObject({ answers: { safe: true, users: 3 } });
});

test('a task is given to another person with a reason, or not at all', async () => {
  const api = await startFakeApi();

  const { code, out } = await evenkeel(api.url, 'task', 'reassign', 't1', '--to', 'eva', '--reason', 'dan is ill');

  expect([code, out]).toEqual([0, 'The task is given to eva\n']);
  expect(api.heard).toMatchObject([
    { method: 'POST', path: '/v1/tasks/t1/reassign', body: { to: 'eva', reason: 'dan is ill' } },
  ]);
  expect((await evenkeel(api.url, 'task', 'reassign', 't1', '--to', 'eva')).code).toBe(2);
});
