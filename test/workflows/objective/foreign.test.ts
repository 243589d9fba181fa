import { afterAll, beforeAll, expect, test } from 'vitest';
import { availability, asFiles, document } from '../../support/company.ts';
import { forget, measure } from '../../support/objective.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { type FakePrometheus, startFakePrometheus } from '../../support/prometheus.ts';

/** Eva is the admin of another team; checkout is of team shop. */
let ops: Ops;
let prometheus: FakePrometheus;
const hour = 3_600_000;
const objective = { timeWindow: [{ duration: '4h', isRolling: true as const }] };
beforeAll(async () => {
  prometheus = await startFakePrometheus();
  ops = await startOps({ prometheus: prometheus.url, objective }, { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' });
});
afterAll(async () => {
  await ops.stop();
  await prometheus.stop();
});
const applied = async (who: string, ...documents: ReturnType<typeof document>[]) =>
  ops.as(who)('POST', '/v1/catalogue', { files: asFiles(documents) });

test('the admin of another team promises nothing of ours, so that nobody is paged by it', async () => {
  const slo = document('SLO', 'evil', { ...availability, ...objective, objectives: [{ target: 0.5 }] });
  const reply = await applied('eva', slo);
  expect(reply.status).toBe(404);
});

test('the admin of another team freezes none of our changes', async () => {
  prometheus.gives((query, at) => (query === 'bad' ? (at > Date.now() - hour ? 20 : 0) : 100));
  await forget(ops);
  const policy = document('ErrorBudgetPolicy', 'evil', {
    rules: [{ condition: { spentPercent: 0 }, actions: ['freeze'], override: { role: 'admin', expiry: '1m' } }],
  });
  const reply = await applied('eva', policy);
  await measure(ops, 'checkout-availability');
  const plan = await ops.deploy();
  const { readiness } = await plan.until((now) => now.status === 'completed' || now.readiness?.verdict === 'not-ready');
  expect.soft(readiness?.verdict).not.toBe('not-ready');
  expect(reply.status).toBe(403);
});

test('the admin of another team ends none of our objectives, nor what they hold up, by a DataSource more', async () => {
  await ops.apply({
    prometheus: prometheus.url,
    objective,
    budgetRules: [{ condition: { spentPercent: 100 }, actions: ['freeze'] }],
  });
  await measure(ops, 'checkout-availability');
  const open = async () => (await ops.stores.budgetHolds.list({ limit: 50, open: true })).items.length;
  const before = await open();
  expect(before).toBeGreaterThan(0);
  const mine = { type: 'Prometheus', connectionDetails: { url: 'https://prometheus.example.org' } };
  const reply = await applied('eva', document('DataSource', 'mine', mine));
  expect([reply.status, JSON.stringify(reply.body)]).toEqual([
    422,
    expect.stringContaining('SLO checkout-availability would have no DataSource'),
  ]);
  await measure(ops, 'checkout-availability');
  expect.soft(await ops.stores.objectives.state('checkout-availability')).toBeDefined();
  expect(await open()).toBe(before);
});

test('who asks the same with other headers, such as of another tenant, fills none of our slots', async () => {
  // The admin of another team adds a source with the same address, and a service and an objective of their own that ask the same.
  const tenant = document('DataSource', 'tenant', {
    type: 'Prometheus',
    connectionDetails: { url: prometheus.url, headers: { 'x-scope-orgid': 'empty' } },
  });
  const ref = (query: string) => ({ metricSource: { metricSourceRef: 'tenant', spec: { query } } });
  const theirs = document('SLO', 'theirs', {
    ...availability,
    ...objective,
    service: 'theirs',
    indicator: { metadata: { name: 'theirs' }, spec: { ratioMetric: { bad: ref('bad'), total: ref('total') } } },
  });
  const named = (query: string) => ({ metricSource: { metricSourceRef: 'prometheus', spec: { query } } });
  await ops.apply({
    prometheus: prometheus.url,
    objective: {
      ...objective,
      indicator: { metadata: { name: 'ours' }, spec: { ratioMetric: { bad: named('bad'), total: named('total') } } },
    },
  });
  const reply = await applied(
    'eva',
    tenant,
    document('Service', 'theirs', { description: 'x', owner: 'other' }),
    theirs,
  );
  expect(reply.status).toBe(200);
  await forget(ops);
  // Of another tenant there is traffic of which nothing fails.
  prometheus.gives((query) => (query === 'bad' ? 0 : 100));
  await measure(ops, 'theirs');
  // Ours, which is asked for next, burns.
  prometheus.gives((query) => (query === 'bad' ? 20 : 100));
  await measure(ops, 'checkout-availability');
  const [ours, others] = [
    await ops.stores.objectives.state('checkout-availability'),
    await ops.stores.objectives.state('theirs'),
  ];
  expect.soft(ours?.series).not.toBe(others?.series);
  expect(ours?.bad).toBeGreaterThan(0);
});
