import { sweepSuppliers } from '../../../activities/supplier/sweep.ts';
import { watchSuppliers } from '../../../activities/supplier/watch.ts';
import { days, skip } from '../../support/time.ts';
import type { PlanId } from '../../../domain/id.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Circumstances } from '../../support/company.ts';
import { type Ops, startOps } from '../../support/ops.ts';

const complete = 'has(supplier.contract) && has(supplier.exitPlan) && size(supplier.sla) > 0';
type Supplier = NonNullable<Circumstances['suppliers']>[string];
const acme: Supplier = {
  description: 'Takes cards',
  owner: 'shop',
  services: [{ service: 'checkout' }],
  environment: 'production',
  plans: { onboarding: 'onboarding', exit: 'exit' },
};

let ops: Ops;
const companyWith = (supplier: Partial<Supplier> = {}) => ({
  suppliers: { acme: { ...acme, ...supplier } },
  checks: [
    {
      id: 'DEP-3',
      title: 'The record of the supplier is complete',
      level: 'C' as const,
      severity: 'blocker' as const,
      evidence: { kind: 'catalogue' as const, rule: complete },
    },
  ],
  templates: {
    onboarding: {
      checklists: { C: 'basics' },
      readyWithin: '10d',
      activities: [
        { name: 'joint-test', task: { title: 'A ticket to {{supplier}} is answered', assignee: { team: 'shop' } } },
      ],
    },
    revocation: {
      checklists: {},
      activities: [
        {
          name: 'revoke',
          task: {
            title: 'Take back the access of {{access.who}} to {{access.scope}}',
            assignee: { team: 'shop' },
            dueWithin: '1d',
          },
        },
      ],
    },
    exit: {
      checklists: {},
      activities: [{ name: 'return', task: { title: 'Data of {{supplier}} is gone', assignee: { team: 'shop' } } }],
    },
  },
});
beforeAll(async () => {
  ops = await startOps(companyWith());
});
afterAll(() => ops.stop());

const cid = (path: string, body?: object, headers = {}) =>
  ops.as('cid')(body ? 'POST' : 'GET', `/v1/suppliers/acme${path}`, body, headers);
const stage = async () => ((await cid('')).body['lifecycle'] as { stage: string }).stage;
const move = (to: string) => cid('/stage', { stage: to, reason: 'as agreed' });
const finish = async (accepted: unknown) => {
  const plan = await ops.opened(accepted);
  const { tasks } = await plan.until((now) => now.tasks.length > 0);
  await ops.as('dan')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, {});
  return plan.becomes('completed');
};

test('a supplier goes from the idea to its exit, and no step is left out', async () => {
  expect((await cid('/onboarding', {})).status).toBe(409);
  expect((await move('contracted')).status).toBe(409);
  for (const to of ['due-diligence', 'contracted']) await move(to);
  const key = { 'idempotency-key': 'onboarding-1' };

  const { body } = await cid('/onboarding', {}, key);
  const plan = await ops.opened(body['accepted']);
  const waiting = await plan.until((now) => now.readiness?.verdict === 'not-ready');
  expect(waiting.trigger).toMatchObject({ type: 'supplier', kind: 'onboarding', supplier: 'acme' });
  expect(waiting.readiness?.blockers[0]).toContain('DEP-3');
  expect(await stage()).toBe('operations-onboarding');
  expect((await cid('/onboarding', {}, key)).body['accepted']).toBe(body['accepted']);

  // A plan keeps the catalogue that it began with: what was missing is written down, and it is opened anew.
  await plan.ask('cid', 'cancel', { reason: 'the record is not complete' });
  await plan.becomes('cancelled');
  expect(await stage()).toBe('contracted');
  await ops.apply(
    companyWith({
      contract: { start: '2026-01-01' },
      sla: [{ metric: 'availability', percent: 99.99, window: 'month', exclusions: [], credits: [] }],
      exitPlan: { steps: ['Switch'], dataReturn: 'as files', alternative: 'another one' },
    }),
  );
  const again = await cid('/onboarding', {});
  expect((await finish(again.body['accepted'])).tasks[0]?.title).toBe('A ticket to acme is answered');
  expect(await stage()).toBe('ready');
  for (const to of ['live', 'under-review', 'suspended', 'live']) expect((await move(to)).status).toBe(200);

  await finish((await cid('/exit', {})).body['accepted']);
  expect(await stage()).toBe('exited');
  expect((await move('live')).status).toBe(409);
});

test('an access that ends is taken back by a task, once, that is chased', async () => {
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  const access = [{ who: 'desk@acme.example', scope: 'the console', expires: day }];
  await ops.apply(companyWith({ access, plans: { revocation: 'revocation' } }));
  const sweep = (at: number) => sweepSuppliers({ ...ops.world, inbox: ops.stores.inbox }, at);
  const revocations = async () =>
    (await ops.stores.plans.list({ teams: ['shop'], limit: 50 })).items.filter(
      ({ commission: { trigger } }) => trigger.type === 'supplier' && trigger.kind === 'revocation',
    );

  await sweep(Date.parse(day) - 2 * 86_400_000);
  expect(await revocations()).toEqual([]);
  for (const hour of [0, 1, 2]) await sweep(Date.parse(day) - 86_400_000 + hour * 3_600_000);

  await expect.poll(async () => (await revocations()).length).toBe(1);
  const [first] = await revocations();
  expect(first!.commission.trigger).toMatchObject({ supplier: 'acme', access: access[0], requester: 'evenkeel' });
  const record = async (id: PlanId) => (await ops.stores.plans.find(id))?.record;
  await expect
    .poll(async () => (await record(first!.id))?.tasks[0]?.title)
    .toBe('Take back the access of desk@acme.example to the console');
  // Nobody does it: whoever answers for the team hears of it, and in the end the plan comes to nothing.
  await skip(ops.client, first!.workflowId, days(9));
  await expect.poll(async () => (await record(first!.id))?.status).toBe('undone');
  expect((await ops.subjects()).some((subject) => subject.includes('Take back the access'))).toBe(true);

  await sweep(Date.parse(day));
  await expect.poll(async () => (await revocations()).length).toBe(2);
  const [second] = await revocations();
  await expect.poll(async () => (await record(second!.id))?.tasks.length).toBe(1);
  await ops.as('dan')('POST', `/v1/tasks/${(await record(second!.id))!.tasks[0]!.id}/complete`, {});
  await expect.poll(async () => (await record(second!.id))?.status).toBe('completed');
  await sweep(Date.parse(day) + 86_400_000);
  expect(await revocations()).toHaveLength(2);
});

test('its status feed is watched: what it tells of is an alert of the service until it is over', async () => {
  const statusFeed = { format: 'statuspage' as const, url: `${ops.target.url}/status.json` };
  await ops.apply(companyWith({ statusFeed }));
  let at = Date.now();
  const look = async (body: string) => {
    ops.target.say('GET /status.json', body);
    at += 180_000;
    await watchSuppliers({ ...ops.world, supplierFeeds: ops.stores.supplierFeeds }, at);
  };
  const alerts = async () =>
    (await ops.as('vic')('GET', '/v1/alerts?service=checkout')).body.items
      .filter(({ source }) => source === 'supplier/acme')
      .map(({ title, isFiring, severity }) => ({ title, isFiring, severity }));
  const incident = {
    id: 'i1',
    name: 'Cards fail',
    status: 'identified',
    impact: 'critical',
    created_at: new Date(at - 600_000).toISOString(),
  };

  await look(JSON.stringify({ incidents: [incident] }));
  await expect.poll(alerts).toEqual([{ title: 'acme: Cards fail', isFiring: true, severity: 'error' }]);
  await look('gone');
  expect((await cid('')).body['feed']).toMatchObject({ fault: 'it is not in its format' });
  expect((await alerts())[0]?.isFiring).toBe(true);
  await look(JSON.stringify({ incidents: [] }));

  await expect.poll(async () => (await alerts())[0]?.isFiring).toBe(false);
  expect((await cid('')).body['feed']).toEqual({ failingSince: null, fault: null });
  const { body: card } = await cid('/scorecard');
  expect(card['outages']).toMatchObject([
    { title: 'Cards fail', impact: 'critical', endedAt: expect.any(String) as string },
  ]);
});

test('to another team the supplier is not there, and a responder does not move it', async () => {
  expect((await ops.as('eva')('GET', '/v1/suppliers/acme')).status).toBe(404);
  expect((await ops.as('dan')('POST', '/v1/suppliers/acme/stage', { stage: 'live', reason: 'r' })).status).toBe(403);
  expect((await ops.as('eva')('GET', '/v1/suppliers')).body.items).toEqual([]);
});
