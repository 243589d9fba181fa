import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealed } from '../../../workers/payload-codec.ts';
import { holdLifted } from '../../../workflows/hold.messages.ts';
import { readinessChanged } from '../../../workflows/operation-plan.messages.ts';
import { measure } from '../../support/objective.ts';
import { type Ops, type Plan, startOps } from '../../support/ops.ts';
import { type FakePrometheus, startFakePrometheus } from '../../support/prometheus.ts';
import { createForger, type Forger } from './world.ts';

/** A budget that is spent, a plan that waits for it, and somebody who has the key: the database alone holds them back. */
let ops: Ops;
let prometheus: FakePrometheus;
let plan: Plan;
let forger: Forger;
const hour = 3_600_000;
const objective = 'checkout-availability';

beforeAll(async () => {
  prometheus = await startFakePrometheus();
  ops = await startOps(
    {
      prometheus: prometheus.url,
      objective: { timeWindow: [{ duration: '4h', isRolling: true }] },
      budgetRules: [{ condition: { spentPercent: 100 }, actions: ['freeze', 'notify'] }],
    },
    { EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8' },
  );
  prometheus.gives((query, at) => (query === 'bad' ? (at > Date.now() - hour ? 20 : 0) : 100));
  await measure(ops, objective);
  plan = await ops.deploy();
  await plan.until(({ readiness }) => readiness?.verdict === 'not-ready');
  forger = await createForger(ops, ops.taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await forger.stop();
  await ops.stop();
  await prometheus.stop();
});

const forge = (activity: string, ...args: unknown[]): Promise<string> =>
  forger.call(`objective/forged/${randomUUID()}/${objective}`, activity, ...args);

const count = async (table: string, where = sql`true`): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)} where ${where}`.execute(
    ops.db,
  );
  return rows[0]!.n;
};
const openHolds = async () => (await ops.stores.budgetHolds.list({ limit: 50, open: true })).items;
/** What there is of the objective, and what was said of it to anybody. */
const standing = async () => ({
  holds: await openHolds(),
  everHeld: await count('budget_hold'),
  alerts: await count('alert_inbox'),
  mails: (await ops.mails()).length,
  ledger: await count('ledger_entry', sql`subject like 'budget-hold/%'`),
  used: (await ops.stores.objectives.state(objective))?.used,
  objectives: (await ops.stores.objectives.states()).map(({ name }) => name),
});

test('nothing that opens, ends or overrides a hold is an activity', async () => {
  const before = await standing();
  const [hold] = before.holds;
  const place = { objective, service: 'checkout', team: 'shop' };
  const by = { name: 'ana', role: 'approver', reason: 'forged', at: new Date().toISOString() };

  for (const [activity, ...args] of [
    ['settleHolds', place, [], Date.now()],
    ['settle', place, undefined, [], Date.now()],
    ['tellOfHolds', place, [{ hold, isOpened: false }]],
    ['overrideBudgetHold', hold?.id, by],
    ['reviewBudgetHold', hold?.id, by],
    ['change', hold?.id, by],
    ['fill', 'series', { from: 0, until: 1 }, []],
  ] as const)
    expect(await forge(activity, ...args)).toContain(`Activity function ${activity} is not registered`);
  expect(await standing()).toEqual(before);
});

test('whoever has an objective measured says nothing of it: its documents and its source do', async () => {
  const before = await standing();
  const at = Date.now();
  const said = {
    used: 0,
    good: 1e9,
    total: 1e9,
    policies: [],
    rules: [],
    service: 'ledger',
    team: 'bank',
    endedAt: at,
  };

  for (const more of [{}, said, { place: said }, { state: said, verdicts: [] }])
    expect(await forge('measureObjective', { objective, at, ...more })).toBe('gave false');

  expect(before.holds).toHaveLength(1);
  expect(await standing()).toEqual({ ...before, used: expect.closeTo(before.used!, 0) });
});

test('an objective that there is not is no way to end what another one holds up', async () => {
  const before = await standing();

  for (const name of [`${objective}.2`, `x/${objective}`, 'nothing', '', '%'])
    expect(await forge('measureObjective', { objective: name, at: Date.now() })).toBe('gave false');
  for (const name of [null, [objective], { name: objective }])
    await forge('measureObjective', { objective: name, at: Date.now() });

  expect(await standing()).toEqual(before);
});

test('a source that is away lifts nothing, however often somebody asks', async () => {
  const before = await standing();
  prometheus.fails(true);
  await sql`update objective_series set measured_until = measured_until - interval '5 minutes'`.execute(ops.db);

  for (let asked = 0; asked < 3; asked += 1) await forge('measureObjective', { objective, at: Date.now() });

  const { holds, mails, everHeld } = await standing();
  expect({ holds, mails, everHeld }).toEqual({ holds: before.holds, mails: before.mails, everHeld: before.everHeld });
  prometheus.fails(false);
  await forge('measureObjective', { objective, at: Date.now() });
});

test('a plan that is told that its hold is lifted looks again and waits', async () => {
  const handle = forger.client.workflow.getHandle(plan.workflowId);

  for (const signal of [holdLifted, readinessChanged])
    await handle.signal(signal, { id: randomUUID(), by: { type: 'system', name: 'evenkeel' }, at: Date.now() });
  // An update that is refused comes behind them: they were heard.
  await expect(handle.executeUpdate('unheardOf')).rejects.toThrow(/Workflow Update failed/);

  const { status, readiness } = await plan.now();
  expect([status, readiness?.verdict]).toEqual(['assessed', 'not-ready']);
  expect(ops.target.calls.filter(({ route }) => route.startsWith('POST'))).toEqual([]);
});

test('the workflow itself, under an id that somebody made up, measures what it is named after and nothing else', async () => {
  const before = await standing();

  for (const workflowId of [`objective/${randomUUID()}/nothing`, `forged-${randomUUID()}`, `a/${objective}`])
    await forger.client.workflow.execute('measureObjectives', {
      taskQueue: ops.taskQueue,
      workflowId,
      args: [{ objective: 'catalog', holds: [] }],
    });

  expect(await standing()).toEqual({ ...before, used: expect.closeTo(before.used!, 0) });
});
