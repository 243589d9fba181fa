import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const tell = async (change: 'deployed' | 'rolled-back', artifact: string, occurrence?: string): Promise<string[]> => {
  const { body } = await ops.as('cid')(
    'POST',
    '/v1/deployments',
    {
      service: 'checkout',
      environment: 'production',
      artifact,
      change,
      ...(occurrence === undefined ? {} : { occurrence }),
    },
    { 'idempotency-key': crypto.randomUUID() },
  );
  const row = String(body['accepted']);
  await expect.poll(async () => (await ops.stores.inbox.find(row))?.state).toBe('delivered');
  return (await ops.stores.inbox.find(row))?.verdict?.plans ?? [];
};
const recordOf = async (plan: string) => (await ops.stores.plans.find(plan))?.record;

test('a rollback opens the plan that its service names for it, which is carried out', async () => {
  const [plan = ''] = await tell('rolled-back', 'pkg:oci/checkout@sha256:old');

  await expect.poll(async () => (await recordOf(plan))?.status).toBe('completed');
  expect((await recordOf(plan))?.trigger).toMatchObject({ change: 'rolled-back' });
});

test('a rollback ends what waits to be deployed; told again, it is a plan of its own', async () => {
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const [deployment = ''] = await tell('deployed', 'pkg:oci/checkout@sha256:new');
  await expect.poll(async () => (await recordOf(deployment))?.approval?.status).toBe('open');

  expect(await tell('rolled-back', 'pkg:oci/checkout@sha256:old')).toEqual([deployment]);

  await expect.poll(async () => (await recordOf(deployment))?.status).toBe('cancelled');
  const [rollback = ''] = await tell('rolled-back', 'pkg:oci/checkout@sha256:old');
  expect(rollback).not.toBe(deployment);
  await expect.poll(async () => (await recordOf(rollback))?.approval?.status).toBe('open');
  // Another source tells of the same.
  expect(await tell('rolled-back', 'pkg:oci/checkout@sha256:old')).toEqual([rollback]);
  expect((await recordOf(rollback))?.status).toBe('awaiting-approval');
  await ops.as('cid')('POST', `/v1/operation-plans/${rollback}/cancel`, { reason: 'the story ends' });
  await expect.poll(async () => (await recordOf(rollback))?.status).toBe('cancelled');
});

test('an old rollback that is told again ends no plan that came after it', async () => {
  await ops.apply();
  const occurrence = `run-${crypto.randomUUID()}`;
  const [rollback = ''] = await tell('rolled-back', 'pkg:oci/checkout@sha256:then', occurrence);
  await expect.poll(async () => (await recordOf(rollback))?.status).toBe('completed');
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const [later = ''] = await tell('deployed', 'pkg:oci/checkout@sha256:later');
  await expect.poll(async () => (await recordOf(later))?.approval?.status).toBe('open');

  expect(await tell('rolled-back', 'pkg:oci/checkout@sha256:then', occurrence)).toEqual([rollback]);

  expect((await recordOf(later))?.status).toBe('awaiting-approval');
});
