import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { declare, newestIncident } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';

let ops: Ops;

beforeAll(async () => {
  ops = await startOps({
    severities: { alerts: { critical: 'SEV-1' } },
    steps: [act('one', { onFailure: 'undo' }), act('two', { onFailure: 'undo' })],
  });
});
afterAll(() => ops.stop());

test('a plan whose undo fails opens an incident that is linked to it; one that is undone as planned opens none', async () => {
  ops.target.answer('POST /two', 500);
  const undone = await ops.deploy();
  await undone.becomes('undone');
  expect((await ops.stores.incidents.list({ limit: 1 })).items).toEqual([]);

  ops.target.answer('DELETE /one', 500);
  const plan = await ops.deploy();

  const incident = await newestIncident(ops);
  expect(await incident.until(() => true)).toMatchObject({
    plan: plan.reference,
    service: 'checkout',
    severity: 'SEV-1',
    title: 'checkout in production: an undo failed',
  });
});

test('a deployment shortly before an incident is suspected', async () => {
  ops.target.answer('POST /two', 200);
  ops.target.answer('DELETE /one', 200);
  const plan = await ops.deploy();
  await plan.becomes('completed');

  const incident = await declare(ops);

  const { body } = await ops.as('ana')('GET', `/v1/incidents/${incident.number}`);
  expect(body['suspects']).toContainEqual(expect.objectContaining({ id: plan.id, hops: 0, kind: 'plan' }));
});
