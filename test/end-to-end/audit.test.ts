import { createHash } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
});
afterAll(() => ops.stop());

interface Export {
  plan: { id: string };
  approvals: { votes: { voter: string }[] }[];
  effects: { key: string; state: string }[];
  ledger: { sequence: number; previous: string; hash: string; body: string }[];
  histories: { workflowId: string; intact: boolean; history: object }[];
}

test('a finished plan is proven: who did what, the chain, and histories that replay', async () => {
  const plan = await ops.deploy();
  await plan.vote('ana', 'approve', { reason: 'looks good' });
  await plan.becomes('completed');
  const { taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  await ops.client.workflow.getHandle(plan.workflowId).result();
  const archive = await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });
  expect(archive).toEqual({ archived: 2, gaps: [] });
  await expect
    .poll(async () => (await ops.as('admin')('GET', '/v1/audit/verification')).body)
    .toMatchObject({ ok: true, unsealed: 0 });

  const exported = (await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/export`)).body as unknown as Export;

  const actions = exported.ledger.map(
    ({ body }) => JSON.parse(body) as { action: string; actor: { name: string }; reason?: string },
  );
  expect(actions.map(({ action }) => action)).toEqual(
    expect.arrayContaining([
      'plan.accepted',
      'plan.assessed',
      'plan.planned',
      'approval.opened',
      'approval.vote-approve',
      'approval.consumed',
      'plan.started',
      'step.done',
      'effect.sent',
      'plan.completed',
    ]),
  );
  expect(actions.find(({ action }) => action === 'approval.vote-approve')).toMatchObject({
    actor: { name: 'ana' },
    reason: 'looks good',
  });
  for (const { sequence, previous, hash, body } of exported.ledger) {
    expect(
      createHash('sha256')
        .update(`${previous}\n${sequence}\n${createHash('sha256').update(body).digest('hex')}`)
        .digest('hex'),
    ).toBe(hash);
  }
  expect(exported.histories.map(({ intact }) => intact)).toEqual([true, true]);
  for (const { workflowId, history } of exported.histories) {
    await Worker.runReplayHistory({ workflowBundle: { codePath: inject('bundlePath') } }, history, workflowId);
  }
});

test('secrets stand in no row, no history and no answer', async () => {
  const canary = 'canary-7f3a9c';
  process.env['EVENKEEL_SECRET_DEPLOY'] = canary;
  await ops.apply({
    template: {},
    steps: [
      {
        name: 'call',
        kind: 'http',
        url: '{{environment.url}}/call',
        headers: { authorization: { secret: 'deploy', prefix: 'Bearer ' } },
      },
    ],
  });
  const plan = await ops.deploy();
  await plan.becomes('completed');
  expect(ops.target.calls.find(({ route }) => route === 'POST /call')?.headers.authorization).toBe(`Bearer ${canary}`);

  const exported = await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/export`);
  const history = await ops.client.workflow.getHandle(plan.workflowId).fetchHistory();

  expect(JSON.stringify(exported.body)).not.toContain(canary);
  expect(
    JSON.stringify(history, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : value,
    ),
  ).not.toContain(canary);
});
