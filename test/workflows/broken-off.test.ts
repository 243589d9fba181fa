import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { askedIn } from '../support/id.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
});
afterAll(() => ops.stop());

test('a plan whose workflow somebody terminated ends, asks nobody any more, and lets the next deployment through', async () => {
  const artifact = 'pkg:oci/checkout@sha256:cut-off';
  const plan = await ops.deploy(artifact);
  const { approval } = await plan.until((state) => state.approval?.status === 'open');
  const handle = ops.client.workflow.getHandle(plan.workflowId);
  const { taskQueue } = await handle.describe();
  await handle.terminate('by mistake');

  const told = await ops.as('cid')(
    'POST',
    '/v1/deployments',
    { service: 'checkout', environment: 'production', artifact },
    { 'idempotency-key': crypto.randomUUID() },
  );
  const row = String(told.body['accepted']);
  await expect.poll(async () => (await ops.stores.inbox.find(row))?.state).toBe('gap');
  expect((await ops.stores.inbox.find(row))?.verdict?.reason).toContain('its workflow has ended');

  await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });

  expect((await plan.becomes('failed')).outcome).toContain('its workflow was ended from outside (terminated)');
  expect((await ops.stores.approvals.find(askedIn(approval)))?.status).toBe('cancelled');
  await expect.poll(() => ops.subjects()).toContain('checkout in production: the plan broke off');
  expect((await ops.as('cid')('POST', `/v1/inbox/${row}/redeliver`)).status).toBe(202);
  await expect
    .poll(async () => (await ops.stores.inbox.find(row))?.verdict?.records?.[0], { timeout: 10_000 })
    .not.toBe(undefined);
  expect((await ops.stores.inbox.find(row))?.verdict?.records).not.toEqual([plan.id]);
});

test('a plan whose workflow was terminated before it had saved anything ends all the same', async () => {
  const { taskQueue } = await ops.client.workflow.getHandle((await ops.deploy()).workflowId).describe();
  let plan: Plan | undefined;
  await ops.restartWorker(async () => {
    plan = await ops.deploy('pkg:oci/checkout@sha256:cut-off-at-once');
    await ops.client.workflow.getHandle(plan.workflowId).terminate('by mistake');
  });

  await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });

  expect((await plan!.becomes('failed')).outcome).toContain('its workflow was ended from outside (terminated)');
  expect((await plan!.now()).trigger.artifact).toBe('pkg:oci/checkout@sha256:cut-off-at-once');
});
