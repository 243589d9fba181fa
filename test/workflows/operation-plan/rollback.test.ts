import type { PlanId } from '../../../domain/id.ts';
import { sha256 } from '../../../domain/digest.ts';
import { planIdIn } from '../../../domain/identifiers.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planId } from '../../support/id.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const tell = async (
  change: 'deployed' | 'rolled-back' | 'failed',
  artifact: string,
  occurrence?: string,
): Promise<PlanId[]> => {
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
  return ((await ops.stores.inbox.find(row))?.verdict?.records ?? []).map(planIdIn);
};
const nobody = planId('nobody');
const recordOf = async (plan: PlanId) => (await ops.stores.plans.find(plan))?.record;

test('a rollback opens the plan that its service names for it, which is carried out', async () => {
  const [plan = nobody] = await tell('rolled-back', 'pkg:oci/checkout@sha256:old');

  await expect.poll(async () => (await recordOf(plan))?.status).toBe('completed');
  expect((await recordOf(plan))?.trigger).toMatchObject({ type: 'rollback' });
});

test('a rollback ends what waits to be deployed; told again, it is a plan of its own', async () => {
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const [deployment = nobody] = await tell('deployed', 'pkg:oci/checkout@sha256:new');
  await expect.poll(async () => (await recordOf(deployment))?.approval?.status).toBe('open');

  expect(await tell('rolled-back', 'pkg:oci/checkout@sha256:old')).toEqual([deployment]);

  await expect.poll(async () => (await recordOf(deployment))?.status).toBe('cancelled');
  const [rollback = nobody] = await tell('rolled-back', 'pkg:oci/checkout@sha256:old');
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
  const [rollback = nobody] = await tell('rolled-back', 'pkg:oci/checkout@sha256:then', occurrence);
  await expect.poll(async () => (await recordOf(rollback))?.status).toBe('completed');
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const [later = nobody] = await tell('deployed', 'pkg:oci/checkout@sha256:later');
  await expect.poll(async () => (await recordOf(later))?.approval?.status).toBe('open');

  expect(await tell('rolled-back', 'pkg:oci/checkout@sha256:then', occurrence)).toEqual([rollback]);

  expect((await recordOf(later))?.status).toBe('awaiting-approval');
});

test('a rollback that ended one plan ends no later one, and opens none, when it is told again', async () => {
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const open = await ops.stores.plans.openFor('checkout', 'production');
  for (const { id } of open) await ops.as('cid')('POST', `/v1/operation-plans/${id}/cancel`, { reason: 'next story' });
  await expect.poll(() => ops.stores.plans.openFor('checkout', 'production')).toEqual([]);
  const occurrence = `run-${crypto.randomUUID()}`;
  const [first = nobody] = await tell('deployed', 'pkg:oci/checkout@sha256:a1');
  await expect.poll(async () => (await recordOf(first))?.approval?.status).toBe('open');
  expect(await tell('rolled-back', 'pkg:oci/checkout@sha256:a0', occurrence)).toEqual([first]);
  await expect.poll(async () => (await recordOf(first))?.status).toBe('cancelled');
  const [second = nobody] = await tell('deployed', 'pkg:oci/checkout@sha256:b1');
  await expect.poll(async () => (await recordOf(second))?.approval?.status).toBe('open');

  expect(await tell('rolled-back', 'pkg:oci/checkout@sha256:a0', occurrence)).toEqual([first]);

  expect((await recordOf(second))?.status).toBe('awaiting-approval');
  expect(await ops.stores.plans.openFor('checkout', 'production')).toMatchObject([{ id: second }]);
});

test('what is told to a plan that nobody carries out any more is evidence, and a rollback a plan of its own', async () => {
  const others = () => ops.stores.plans.openFor('checkout', 'production');
  for (const { id } of await others())
    await ops.as('cid')('POST', `/v1/operation-plans/${id}/cancel`, { reason: 'an earlier story' });
  await expect.poll(others).toEqual([]);
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const [deployment = nobody] = await tell('deployed', 'pkg:oci/checkout@sha256:forsaken');
  await expect.poll(async () => (await recordOf(deployment))?.approval?.status).toBe('open');
  expect(await tell('failed', 'pkg:oci/checkout@sha256:forsaken')).toEqual([deployment]);
  // As somebody does who reaches Temporal: the copy says that it is open until the archive finds it.
  await ops.client.workflow.getHandle((await recordOf(deployment))!.workflowId).terminate();
  expect(await tell('failed', 'pkg:oci/checkout@sha256:forsaken')).toEqual([]);

  const [rollback = nobody] = await tell('rolled-back', 'pkg:oci/checkout@sha256:before');

  expect(rollback).not.toBe(nobody);
  expect(rollback).not.toBe(deployment);
  expect((await ops.stores.plans.find(rollback))?.commission.trigger.type).toBe('rollback');
  await ops.as('cid')('POST', `/v1/operation-plans/${rollback}/cancel`, { reason: 'the story ends' });
});

test('what is told while an accepted deployment waits for its delivery is heard by its plan', async () => {
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
  const artifact = 'pkg:oci/checkout@sha256:waits';
  const fact = {
    change: 'deployed',
    artifact,
    service: 'checkout',
    environment: 'production',
    factKey: 'waits',
  } as const;
  const body = Buffer.from('{}');
  // Whoever accepted it died before the delivery: it is leased for some seconds.
  const { id } = await ops.stores.inbox.accept(
    {
      kind: 'fact',
      source: 'api/person/cid',
      dedupKey: 'waits',
      name: 'deployment.reported',
      actor: { type: 'person', name: 'cid' },
      body,
      bodyHash: sha256(body),
      content: { family: 'deployment', facts: [{ ...fact, subject: 'checkout', transient: false }] },
    },
    true,
  );
  const ask = { service: 'checkout', environment: 'production', artifact, change: 'failed' };
  const later = await ops.as('cid')('POST', '/v1/deployments', ask, { 'idempotency-key': crypto.randomUUID() });

  const records = async (row: string) => (await ops.stores.inbox.find(row))?.verdict?.records;
  await expect.poll(() => records(id), { timeout: 30_000 }).toHaveLength(1);
  await expect.poll(() => records(String(later.body['accepted'])), { timeout: 10_000 }).toEqual(await records(id));
}, 60_000);
