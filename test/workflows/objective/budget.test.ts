import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { nextLook, runEveryMs } from '../../../domain/objective/rhythm.rules.ts';
import { keepSchedules } from '../../../workers/schedules.ts';
import { reconcileSchedules } from '../../../workers/temporal-schedules.ts';
import { forget, measure } from '../../support/objective.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { type FakePrometheus, startFakePrometheus } from '../../support/prometheus.ts';
import { skip } from '../../support/time.ts';

let ops: Ops;
let prometheus: FakePrometheus;
beforeAll(async () => {
  prometheus = await startFakePrometheus();
  const objective = { timeWindow: [{ duration: '4h', isRolling: true as const }] };
  const budgetRules = [
    {
      condition: { spentPercent: 100 },
      actions: ['freeze' as const, 'notify' as const],
      exceptions: ['security' as const],
    },
    { condition: { spentPercent: 50 }, actions: ['require-review' as const] },
  ];
  ops = await startOps(
    { prometheus: prometheus.url, objective, budgetRules },
    { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' },
  );
});
afterAll(async () => {
  await ops.stop();
  await prometheus.stop();
});

const hour = 3_600_000;
/** Of a hundred requests a minute, so many fail. */
const failing = (bad: (at: number) => number): void =>
  prometheus.gives((query, at) => (query === 'bad' ? bad(at) : 100));
beforeEach(() => failing(() => 0));

const measured = async (bad: (at: number) => number): Promise<void> => {
  failing(bad);
  await forget(ops);
  await measure(ops);
};
const shown = async () => (await ops.as('vic')('GET', '/v1/objectives/checkout-availability')).body;
const hold = async () => (await ops.as('vic')('GET', '/v1/budget-holds?open=true')).body.items[0]!;
const alerts = async (): Promise<string[]> => {
  const { rows } = await sql<{ key: string }>`
    select dedup_key as key from alert_inbox where source = 'objective/checkout-availability' order by id`.execute(
    ops.db,
  );
  return rows.map(({ key }) => key.replace(/\/.*\//, ' '));
};

test('a budget is what its source has of the window, also from before anybody looked', async () => {
  await measured(() => 0);
  expect(await shown()).toMatchObject({
    total: 24_000,
    bad: 0,
    used: 0,
    unmeasured: 0,
    empty: 0,
    alerts: [],
    holds: [],
  });
});

test.each([5, 40])(
  'looked at first %s seconds after a minute has begun, nothing of its window is missing',
  async (second) => {
    ops.setClock((Math.floor(Date.now() / 60_000) - 1) * 60_000 + second * 1_000);
    await measured(() => 0);
    ops.setClock();
    expect(await shown()).toMatchObject({ total: 24_000, unmeasured: 0, alerts: [] });
  },
);

test('what an earlier look finds late does not replace what a later one found', async () => {
  await measured(() => 0);
  const state = (await ops.stores.objectives.state('checkout-availability'))!;
  const place = { objective: state.name, service: state.service, team: state.team };
  const burning = { alert: 'late', response: 'page' as const, fires: true, afterMs: 0, why: 'it burnt' };
  const { settle } = ops.world.objectives;
  expect(await settle(place, { ...state, bad: 1 }, [burning], Date.now() - 60_000)).toBe(false);
  expect(await shown()).toMatchObject({ bad: 0, alerts: [] });
});

test('an outage of ours, and of the source, loses no minute', async () => {
  await measured(() => 0);
  // An hour that nobody looked at.
  await sql`delete from objective_slot where at >= now() - interval '1 hour'`.execute(ops.db);
  await sql`update objective_series set measured_until = date_trunc('minute', now() - interval '1 hour')`.execute(
    ops.db,
  );
  prometheus.fails(true);
  await measure(ops);
  expect((await shown())['trouble']).toBe('Prometheus answered with status 503');
  prometheus.fails(false);
  await measure(ops);
  const state = await shown();
  expect(state).toMatchObject({ unmeasured: 0, empty: 0, total: 24_000 });
  expect(state['trouble']).toBeUndefined();
});

test('a spent budget alerts, freezes the next plan until it recovers, and lets a security fix pass', async () => {
  await measured((at) => (at > Date.now() - hour ? 20 : 0));
  expect(await alerts()).toEqual(expect.arrayContaining(['page-1h-0.08 firing']));
  expect(await hold()).toMatchObject({ actions: ['freeze', 'notify'], service: 'checkout' });
  expect(await ops.subjects()).toEqual(
    expect.arrayContaining(['Error budget spent: checkout (checkout-availability)']),
  );

  const plan = await ops.deploy();
  const waiting = await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
  expect(waiting.readiness?.blockers.join()).toContain('EVENKEEL-2 The error budget allows changes: ');

  const fix = await ops.as('cid')(
    'POST',
    '/v1/deployments',
    { service: 'checkout', environment: 'production', artifact: 'fix', exception: 'security' },
    { 'idempotency-key': randomUUID() },
  );
  expect(fix.status).toBe(202);

  await measured(() => 0);
  expect(await hold()).toBeUndefined();
  await plan.until(({ status }) => status !== 'assessed' && status !== 'draft');
  expect(await alerts()).toEqual(expect.arrayContaining(['page-1h-0.08 resolved']));
});

test('a report says what was used of the budget, day by day', async () => {
  await measured((at) => (at > Date.now() - hour ? 20 : 0));
  const day = 24 * hour;
  const now = Math.floor(Date.now() / day) * day;
  const period = { from: new Date(now - day).toISOString(), until: new Date(now + day).toISOString() };
  const { body: said } = await ops.as('cid')('POST', '/v1/performance-reports', { service: 'checkout', ...period });
  await ops.client.workflow.getHandle(`performance-report/${String(said['report'])}`).result();
  const { body: report } = await ops.as('vic')('GET', `/v1/performance-reports/${String(said['report'])}`);
  // 60 minutes of 4 hours in which a fifth failed.
  const state = await shown();
  const budgets = report['budgets'] as { used: number; left: { left: number }[] }[];
  expect(budgets).toMatchObject([
    { objective: 'checkout-availability', used: expect.closeTo(Number(state['used']), 6) },
  ]);
  expect(budgets[0]!.left.at(-1)!.left).toBeCloseTo(1 - budgets[0]!.used, 6);
});

test('an override names who and why, and is no longer than the policy says', async () => {
  await measured((at) => (at > Date.now() - hour ? 20 : 0));
  const { id } = await hold();
  const plan = await ops.deploy('another');
  await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
  const override = (who: string, body: object) => ops.as(who)('POST', `/v1/budget-holds/${id}/override`, body);
  expect((await override('cid', { reason: 'I want to' })).status).toBe(403);
  expect((await override('ana', { reason: 'For ever', for: '4d' })).status).toBe(422);
  expect((await override('ana', { reason: 'The sale begins', for: '1h' })).body).toMatchObject({
    overridden: { by: 'ana', role: 'approver', reason: 'The sale begins' },
  });
  await plan.until(({ status }) => status !== 'assessed' && status !== 'draft');
});

test('a review is waited for, and once written lets the plan go on', async () => {
  await measured((at) => (at > Date.now() - hour ? 1.5 : 0));
  const { id, actions } = await hold();
  expect(actions).toEqual(['require-review']);
  const plan = await ops.deploy('reviewed');
  await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
  expect((await ops.as('cid')('POST', `/v1/budget-holds/${id}/review`, { text: 'A pool was too small' })).status).toBe(
    200,
  );
  await plan.until(({ status }) => status !== 'assessed' && status !== 'draft');
});

test('a past of weeks is asked for in rounds, until nothing is missing', async () => {
  await ops.apply({ objective: { timeWindow: [{ duration: '41d', isRolling: true }] } });
  await forget(ops);
  const before = prometheus.asked();
  await measure(ops);
  // Two questions for each day, and one round asks for forty days.
  expect(prometheus.asked() - before).toBeGreaterThan(2 * 40);
  expect(await shown()).toMatchObject({ unmeasured: 0, empty: 0, total: 41 * 24 * 60 * 100 });
  await ops.apply();
});

test('a schedule keeps a run of each objective under way', async () => {
  const id = `objective/${ops.taskQueue}/checkout-availability`;
  await forget(ops);
  await keepSchedules(ops.client, ops.taskQueue, ops.world);
  const schedule = ops.client.schedule.getHandle(id);
  await expect.poll(async () => (await shown())['asOf'], { timeout: 15_000 }).toBeDefined();
  const looked = Date.parse(String((await shown())['asOf']));
  expect(Date.now() - looked).toBeLessThan(3 * 60_000);
  // One that Temporal was away for is begun when it is back.
  expect((await schedule.describe()).policies.catchupWindow).toBe(runEveryMs);

  const ids = { prefix: `objective/${ops.taskQueue}/`, taskQueue: ops.taskQueue };
  const isThere = () =>
    schedule.describe().then(
      () => true,
      () => false,
    );
  await expect.poll(async () => reconcileSchedules(ops.client, ids, []).then(isThere), { timeout: 15_000 }).toBe(false);
});

test('a run looks every minute, until its schedule begins the next one', async () => {
  await forget(ops);
  const workflowId = `objective/story/checkout-availability-${new Date().toISOString().replace(/\.\d+/, '')}`;
  const run = await ops.client.workflow.start('measureObjectives', { taskQueue: ops.taskQueue, workflowId });
  await expect.poll(async () => (await shown())['asOf'], { timeout: 15_000 }).toBeDefined();
  await skip(ops.client, workflowId, runEveryMs);

  const { startTime, closeTime, status } = await run.describe();
  expect(status.name).toBe('COMPLETED');
  expect(nextLook('checkout-availability', startTime.getTime(), closeTime!.getTime())).toBeUndefined();
  const { events } = await run.fetchHistory();
  const waits = events!.flatMap(({ timerStartedEventAttributes: timer }) =>
    timer ? Number(timer.startToFireTimeout?.seconds) : [],
  );
  const looks = events!.filter(
    ({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity',
  );
  expect(looks).toHaveLength(1 + waits.length);
  expect(Math.max(...waits)).toBeLessThanOrEqual(60);
});
