import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ErrorBudgetPolicySpec } from '../../../domain/error-budget-policy.ts';
import type { PlanId } from '../../../domain/id.ts';
import { planIdIn } from '../../../domain/identifiers.ts';
import type { z } from 'zod';
import type { Circumstances } from '../../support/company.ts';
import { declare } from '../../support/monitoring.ts';
import { forget, measure } from '../../support/objective.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { type FakePrometheus, startFakePrometheus } from '../../support/prometheus.ts';
import { hours, minutes } from '../../support/time.ts';

const objective = { timeWindow: [{ duration: '4h', isRolling: true as const }] };
let ops: Ops;
let prometheus: FakePrometheus;
beforeAll(async () => {
  prometheus = await startFakePrometheus();
  ops = await startOps({ prometheus: prometheus.url, objective }, { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' });
});
afterEach(() => measured(() => 0));
afterAll(async () => {
  await ops.stop();
  await prometheus.stop();
});

/** Of a hundred requests a minute so many failed, and the budget is looked at. */
const measured = async (bad: (at: number) => number): Promise<void> => {
  prometheus.gives((query, at) => (query === 'bad' ? bad(at) : 100));
  await forget(ops);
  await measure(ops);
};
/** An hour in which a fifth failed is ten times the budget of four hours. */
const spent = () => measured((at) => (at > Date.now() - hours(1) ? 20 : 0));

type Rule = z.input<typeof ErrorBudgetPolicySpec>['rules'][number];
const agreed = (rule: Partial<Rule> & Pick<Rule, 'actions'>, more: Omit<Circumstances, 'target'> = {}) =>
  ops.apply({ budgetRules: [{ condition: { spentPercent: 100 }, ...rule }], ...more });
const openHold = async () => (await ops.as('vic')('GET', '/v1/budget-holds?open=true')).body.items[0];
const frozen = { verdict: 'not-ready', blockers: [expect.stringContaining('EVENKEEL-2')] };

/** The plan that somebody's deployment became. */
const deployed = async (body: object): Promise<PlanId> => {
  const told = { service: 'checkout', environment: 'production', artifact: crypto.randomUUID(), ...body };
  const key = { 'idempotency-key': crypto.randomUUID() };
  const { accepted } = (await ops.as('cid')('POST', '/v1/deployments', told, key)).body;
  const plans = async () => (await ops.stores.inbox.find(String(accepted)))?.verdict?.records?.map(planIdIn) ?? [];
  await expect.poll(plans).toHaveLength(1);
  return (await plans())[0]!;
};
const statusOf = async (plan: PlanId) => (await ops.stores.plans.find(plan))?.record?.status;

test('a hold that requires approval asks for it beside what the plan asks anyhow', async () => {
  await agreed({ actions: ['require-approval'], approval: 'second-person' });
  const before = await ops.deploy();
  await before.becomes('completed');
  expect((await before.now()).approval?.status).toBe('not-needed');

  await spent();
  const plan = await ops.deploy();
  const { readiness } = await plan.until(({ approval }) => approval?.status === 'open');
  expect(readiness?.conditions.join()).toContain('second-person is asked as well');
  expect((await plan.vote('ana')).status).toBe(200);
  await plan.becomes('completed');
});

test('a freeze holds up no rollback, which ends what burns', async () => {
  await agreed({ actions: ['freeze'] });
  await spent();
  const rollback = await deployed({ change: 'rolled-back' });
  await expect.poll(() => statusOf(rollback)).toBe('completed');
});

test('a freeze lets a fix pass that says why it cannot wait, and nothing else', async () => {
  await agreed({ actions: ['freeze'], exceptions: ['security'] });
  await spent();
  const waiting = await ops.deploy();
  expect((await waiting.until(({ readiness }) => readiness?.verdict === 'not-ready')).readiness).toMatchObject(frozen);

  const fix = await deployed({ exception: 'security' });
  await expect.poll(() => statusOf(fix)).toBe('completed');
  expect(await statusOf(waiting.id)).not.toBe('completed');
  await waiting.ask('cid', 'cancel', { reason: 'the story ends' });
});

test('a reason that the rule does not list lets nothing pass', async () => {
  await agreed({ actions: ['freeze'], exceptions: ['P0'] });
  await spent();
  const fix = await deployed({ exception: 'security' });
  await expect.poll(async () => (await ops.stores.plans.find(fix))?.record?.readiness).toMatchObject(frozen);
  await ops.as('cid')('POST', `/v1/operation-plans/${fix}/cancel`, { reason: 'the story ends' });
});

test('a freeze holds again when its override expires before the work began', async () => {
  const opens = new Date(Date.now() + hours(3));
  const window = { zone: 'UTC', opens: `0 ${opens.getUTCHours()} * * *`, lasts: '2h' };
  await agreed({ actions: ['freeze'] }, { template: { window: 'window' }, window });
  await spent();
  const plan = await ops.deploy();
  await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
  const calls = ops.target.calls.length;
  const overridden = await ops.as('ana')('POST', `/v1/budget-holds/${(await openHold())!.id}/override`, {
    reason: 'The sale begins',
    for: '1h',
  });
  expect(overridden.status).toBe(200);
  await plan.becomes('scheduled');

  await plan.skip(hours(4));

  const held = await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
  expect(held.readiness).toMatchObject(frozen);
  expect(ops.target.calls.slice(calls).filter(({ route }) => route.startsWith('POST'))).toEqual([]);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
});

test('one incident that used more than a fifth of the budget is to be reviewed before anything else changes', async () => {
  await agreed({ condition: { incidentPercent: 20 }, actions: ['require-review'] });
  const since = Date.now() - minutes(20);
  const felt = { impactAt: new Date(since).toISOString() };
  const incident = await declare(ops, felt);
  // Of 120 that may fail in four hours some 20 have.
  await measured((at) => (at > since ? 1 : 0));
  expect(await openHold()).toBeUndefined();

  await measured((at) => (at > since ? 2 : 0));
  const hold = (await openHold())!;
  const used = new RegExp(`^incident ${incident.number} has used 3\\d(\\.\\d+)? % of the error budget`);
  expect(hold).toMatchObject({ incident: incident.number, why: expect.stringMatching(used) });
  const plan = await ops.deploy();
  expect((await plan.until(({ readiness }) => readiness?.verdict === 'not-ready')).readiness).toMatchObject(frozen);
  const review = { text: 'The pool was too small: it grows by itself now' };
  expect((await ops.as('cid')('POST', `/v1/budget-holds/${hold.id}/review`, review)).status).toBe(200);
  await plan.becomes('completed');

  // The next one is another matter, and one that is private is not named.
  const secret = await declare(ops, { ...felt, severity: 'SEV-1', privateTo: ['cid'] }, 'ana');
  await measured((at) => (at > since ? 2 : 0));
  const other = (await openHold())!;
  expect(other['why']).toMatch(/^one incident has used 3/);
  expect(other['reviewed']).toBeUndefined();
  expect(JSON.stringify(other)).not.toContain(String(secret.number));
});

test('the team is told when its budget is spent and when it recovers, and nothing waits for that', async () => {
  await agreed({ actions: ['notify'] });
  await spent();
  const plan = await ops.deploy();
  await plan.becomes('completed');
  await measured(() => 0);

  const { id, actions, endedAt } = (await ops.as('vic')('GET', '/v1/budget-holds')).body.items[0]!;
  expect([actions, endedAt]).toEqual([['notify'], expect.any(String)]);
  const { rows } = await sql<{ to: string; subject: string }>`
    select payload->>'to' as to, payload->>'subject' as subject from outbox where belongs_to = ${`budget-hold/${id}`}`.execute(
    ops.db,
  );
  const subjects = ['spent', 'recovered'].map((what) => `Error budget ${what}: checkout (checkout-availability)`);
  const team = ['ana', 'ben', 'cid', 'dan', 'vic'].map((name) => `${name}@example.org`);
  expect(rows.map(({ to, subject }) => `${to} ${subject}`).toSorted()).toEqual(
    team.flatMap((to) => subjects.map((subject) => `${to} ${subject}`)).toSorted(),
  );
});
