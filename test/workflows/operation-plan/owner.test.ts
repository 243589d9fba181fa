import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({
    policy: { stages: [{ approvers: [{ team: '{{team}}', role: 'approver' }] }] },
    steps: [{ name: 'look', kind: 'task', title: 'Look', assignee: { team: '{{team}}' } }],
    template: {
      approvalPolicy: 'second-person',
      activities: [{ name: 'work', runbook: 'work', people: [{ team: '{{team}}', role: 'responder' }] }],
    },
  });
});
afterAll(() => ops.stop());

test('a template asks the team that owns the service for seats, votes and tasks', async () => {
  const plan = await ops.deploy();
  const { assignments } = await plan.until((state) => state.assignments.some(({ status }) => status === 'asked'));
  const [{ seat, team, person }] = assignments as [(typeof assignments)[number]];
  expect(team).toBe('shop');
  await plan.ask(person!, 'accept', { seat });

  expect((await plan.vote(person === 'ana' ? 'ben' : 'ana')).status).toBe(200);

  await expect
    .poll(async () => (await plan.runs())[0]?.tasks[0]?.assignee, { timeout: 20_000 })
    .toEqual({ team: 'shop' });
  const [run] = await plan.runs();
  await ops.as('dan')('POST', `/v1/tasks/${run!.tasks[0]!.id}/complete`, { answers: {} });
  await plan.becomes('completed');
});
