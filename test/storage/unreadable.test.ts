import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ops, startOps } from '../support/ops.ts';
import { openProblem } from '../support/problem.ts';

/** One row of each table cannot be read: written by hand, or by another version. Everything else goes on. */
let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());
const month = new Date().toISOString().slice(0, 7);
const get = async (path: string, who = 'ana') => (await ops.as(who)('GET', path)).status;
const metrics = async () =>
  (await fetch(`${ops.url}/metrics`, { headers: { authorization: `Bearer ${await ops.token('vic')}` } })).status;

test('an objective that cannot be read stops no other one, no metric, no report', async () => {
  await sql`insert into objective (name, state, evaluated_at) values ('theirs', '{"service":"elsewhere","team":"other"}', now())`.execute(
    ops.db,
  );
  const found = {
    objectives: await get('/v1/objectives'),
    figures: await get('/v1/performance-records?service=checkout'),
    metric: await get('/v1/metrics/mttr-restore?service=checkout'),
    metrics: await metrics(),
  };
  await sql`delete from objective where name = 'theirs'`.execute(ops.db);
  expect(found).toEqual({ objectives: 200, figures: 200, metric: 200, metrics: 200 });
});

test('an alert of an objective whose words cannot be read ends all the same', async () => {
  const place = { objective: 'ended', service: 'checkout', team: 'shop' };
  await sql`insert into objective_alert (objective, alert, since, raised_at, told) values ('ended', 'page-1h', now(), now(), '{"response":"shout"}')`.execute(
    ops.db,
  );
  expect(await ops.stores.objectives.settle(place, undefined, [], Date.now())).toBe(true);
  expect(await ops.stores.objectives.firing('ended')).toEqual([]);
});

test.each([
  ['used', '"much"'],
  ['burnRates', '{}'],
  ['burnRates', 'null'],
  ['lastDataAt', '"yesterday, or so"'],
  ['service', 'null'],
])('an objective whose %s is %s leaves /metrics as it is', async (field, value) => {
  const state = {
    service: 'checkout',
    team: 'shop',
    burnRates: [],
    window: { from: new Date().toISOString() },
    [field]: JSON.parse(value),
  };
  await sql`insert into objective (name, state, evaluated_at) values ('odd', ${JSON.stringify(state)}::jsonb, now())`.execute(
    ops.db,
  );
  const status = await metrics();
  await sql`delete from objective where name = 'odd'`.execute(ops.db);
  expect(status).toBe(200);
});

test('a budget hold that cannot be read ends no list, wherever in the page it is, nor what looks at its service', async () => {
  const id = randomUUID();
  await sql`
    insert into budget_hold (id, policy, rule, objective, service, team, opened_at, record)
    values (${id}, 'p', 0, 'checkout-availability', 'checkout', 'shop', now(), '{"id":1}')`.execute(ops.db);
  expect.soft(await get('/v1/budget-holds')).toBe(200);
  expect.soft(await get('/v1/budget-holds?limit=1')).toBe(200);
  expect.soft(await metrics()).toBe(200);
  const plan = await ops.deploy();
  const { readiness } = await plan.becomes('assessed');
  expect
    .soft(readiness?.blockers)
    .toEqual([expect.stringContaining(`budget hold ${id} of checkout-availability cannot be read`)]);
  const place = { objective: 'checkout-availability', service: 'checkout', team: 'shop' };
  const turned = await ops.stores.objectives.settleHolds(place, [], Date.now());
  expect(turned).toMatchObject([{ isOpened: false, hold: { id, actions: ['freeze'] } }]);
  expect(await ops.stores.objectives.holdsOn('checkout')).toEqual([]);
  await sql`delete from budget_hold`.execute(ops.db);
});

test('a hold whose override has an odd end leaves /metrics as it is', async () => {
  await sql`insert into objective (name, state, evaluated_at) values ('held', ${JSON.stringify({ service: 'checkout', burnRates: [], window: { from: new Date().toISOString() } })}::jsonb, now())`.execute(
    ops.db,
  );
  await sql`
    insert into budget_hold (id, policy, rule, objective, service, team, opened_at, record)
    values (${randomUUID()}, 'p', 0, 'held', 'checkout', 'shop', now(), '{"overridden":{"until":"soon"}}')`.execute(
    ops.db,
  );
  const status = await metrics();
  await sql`delete from budget_hold`.execute(ops.db);
  await sql`delete from objective`.execute(ops.db);
  expect(status).toBe(200);
});

test.each(['{"patterns":{}}', '{"patterns":"none"}', '[]', '{}'])(
  'a pattern run whose document is %s ends no list',
  async (document) => {
    const id = randomUUID();
    await sql`
    insert into pattern_run (id, order_key, scope, period_from, period_until, opens, ordered_by, ordered_at, team, document, found_at)
    values (${id}, ${id}, '{}', now(), now(), false, '{"type":"person","name":"dan"}', now(), 'shop', ${document}::jsonb, now())`.execute(
      ops.db,
    );
    const found = [await get('/v1/pattern-runs'), await get('/v1/pattern-runs?limit=1')];
    await sql`alter table pattern_run disable trigger user`.execute(ops.db);
    await sql`delete from pattern_run where id = ${id}`.execute(ops.db);
    expect(found).toEqual([200, 200]);
  },
);

test('a signal and a report that cannot be read end no list', async () => {
  const id = randomUUID();
  await sql`insert into improvement_signal (id, kind, service, cluster, team, status, raised_at, due_at, record)
    values (${id}, 'toil', 'checkout', 'x', 'shop', 'open', now(), now() - interval '1 day', '{"id":1}')`.execute(
    ops.db,
  );
  await sql`insert into performance_report (id, order_key, scope, period_from, period_until, is_sent, ordered_by, ordered_at, team)
    values (${id}, ${id}, '{"service":3}', now(), now(), false, '{"type":"person","name":"dan"}', now(), 'shop')`.execute(
    ops.db,
  );
  for (const path of ['improvement-signals', 'performance-reports'])
    expect.soft([await get(`/v1/${path}`), await get(`/v1/${path}?limit=1`)]).toEqual([200, 200]);
  const { body } = await ops.as('dan')('POST', '/v1/performance-reports', { service: 'checkout', period: month });
  await ops.client.workflow.getHandle(`performance-report/${String(body['report'])}`).result();
  await ops.client.workflow.execute('chaseSignals', { taskQueue: ops.taskQueue, workflowId: `chase-${randomUUID()}` });
});

test.each(['incidents', 'actions'])(
  'a problem whose %s are no list stops no metric of others, and no list',
  async (field) => {
    const problem = await openProblem(ops);
    await sql`update record set state = jsonb_set(state, ${`{${field}}`}::text[], '{"no":"list"}') where reference = ${problem.reference}`.execute(
      ops.db,
    );
    const found = {
      metric: await get('/v1/metrics/mttr-restore?service=checkout'),
      problems: await get('/v1/problems'),
      other: await get('/v1/metrics/mttr-restore?team=other', 'eva'),
    };
    await sql`update record set state = jsonb_set(state, ${`{${field}}`}::text[], '[]') where reference = ${problem.reference}`.execute(
      ops.db,
    );
    expect(found).toEqual({ metric: 200, problems: 200, other: 200 });
  },
);

test.each(['{"no":"list"}', '"none"', 'null', '[1]', '[{"problem":"x","restored":"maybe"}]'])(
  'an incident whose runbooks and workarounds are %s leaves the use of its known error to be counted',
  async (odd) => {
    const reference = `incident/odd-${randomUUID()}`;
    await sql`insert into record (reference, kind, workflow_id, team, status, rev, opened_at, state)
      values (${reference}, 'incident', ${reference}, 'shop', 'closed', 1, now(),
        jsonb_build_object('kind', 'real', 'knownErrors', '[77]'::jsonb, 'runbooks', ${odd}::jsonb, 'workarounds', ${odd}::jsonb))`.execute(
      ops.db,
    );
    const use = await ops.stores.problems.useOf(77, 'restart');
    await sql`delete from record where reference = ${reference}`.execute(ops.db);
    expect(use).toEqual({ offered: 1, applied: 0, restored: 0 });
  },
);
