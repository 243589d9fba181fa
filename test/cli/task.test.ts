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
    form: [],
    assignee: { team: 'shop' },
    status: 'open',
    openedAt: '2026-03-24T09:00:00.000Z',
    dueAt: '2026-03-24T13:00:00.000Z',
    escalated: false,
    said: [{ step: 'migrate', ok: true, detail: 'exit code 0', output: 'rows changed: 42\nstatus  done' }],
  };
  const api = await startFakeApi({ 'GET /v1/tasks/t1': { body: task } });

  const { out } = await evenkeel(api.url, 'task', 'show', 't1');

  expect(out).toContain('Is it well?\n\noutput of migrate: exit code 0\n  rows changed: 42\n  status  done\n');
});
