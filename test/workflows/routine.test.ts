import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanId } from '../../domain/id.ts';
import { dueBetween } from '../../domain/routine/slot.ts';
import { check, clocksChange, nightly, runsOfRoutine, soonAfter, sweptAt } from '../support/routine.ts';
import { asFiles, document } from '../support/company.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { days } from '../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({
    services: { web: [], app: [] },
    templates: {
      ...check,
      asked: { checklists: {}, approvalPolicy: 'second-person', activities: [{ name: 'work', runbook: 'work' }] },
    },
    routines: {
      nightly: { ...nightly, services: { names: ['checkout', 'web'] } },
      'made-up-one': { ...nightly, missed: 'one', within: '7d' },
      'made-up-all': { ...nightly, missed: 'all', within: '60h' },
      'made-up-none': { ...nightly, missed: 'skip' },
      refused: { ...nightly, template: 'asked', services: { names: ['app'] } },
      spread: { ...nightly, jitter: '1h', missed: 'skip', services: { names: ['app', 'web'] } },
    },
  });
});
afterAll(() => ops.stop());

/** The next time at which the nightly ones are due, behind an instant. */
const nextDue = (after = Date.now()): number => dueBetween(nightly, after + 1, after + days(2), 1)[0]!;
const dueOf = async (routine: string) =>
  (await runsOfRoutine(ops, routine)).map(({ dueAt, status, service }) => `${dueAt} ${service} ${status}`);
const ring = async (routine: string, at: number): Promise<void> => {
  ops.setClock(at);
  const workflowId = `routine/${ops.taskQueue}/${routine}-${new Date(at).toISOString().replace(/\.\d+/, '')}`;
  await ops.client.workflow.execute('openRoutineRuns', { taskQueue: ops.taskQueue, workflowId });
};
const over = async (routine: string) => {
  await expect
    .poll(async () => (await runsOfRoutine(ops, routine)).filter(({ status }) => status === 'due'), { timeout: 20_000 })
    .toEqual([]);
  for (const { plan } of await runsOfRoutine(ops, routine))
    if (plan !== null)
      await expect
        .poll(async () => (await ops.stores.plans.find(plan as PlanId))?.closedAt ?? null, { timeout: 20_000 })
        .not.toBeNull();
};
const told = async (routine: string) =>
  (await ops.mails()).filter(
    ({ subject, to }) => subject.startsWith(`Routine ${routine} `) && to === 'cid@example.org',
  );

describe('a routine', () => {
  test('opens nothing before its time, and one plan for each service at its time, once', async () => {
    const due = nextDue();
    await ring('nightly', due - 1_000);
    expect(await dueOf('nightly')).toEqual([]);

    await ring('nightly', due + 1_000);
    await ring('nightly', due + 2_000);
    await over('nightly');
    await sweptAt(ops, due + 60_000);
    await sweptAt(ops, due + 120_000);

    const at = new Date(due).toISOString();
    expect(await dueOf('nightly')).toEqual([`${at} checkout completed`, `${at} web completed`]);
    const [run] = await runsOfRoutine(ops, 'nightly');
    const plan = await ops.stores.plans.find(run!.plan as PlanId);
    expect(plan!.commission).toMatchObject({
      service: 'checkout',
      environment: 'production',
      template: 'check',
      trigger: { type: 'routine', routine: 'nightly', dueAt: at, requester: 'routine/nightly' },
    });
    expect(await told('nightly')).toEqual([]);
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from operation_plan where commission->'trigger'->>'routine' = 'nightly'`.execute(
      ops.db,
    );
    expect(rows[0]!.count).toBe(2);
  });

  test('whose plan was not completed has failed, and its team is told once', async () => {
    const due = Date.parse((await runsOfRoutine(ops, 'nightly'))[0]!.dueAt);
    await sweptAt(ops, due + 60_000);
    await expect.poll(async () => (await runsOfRoutine(ops, 'refused'))[0]?.status, { timeout: 20_000 }).toBe('opened');
    const plan = (await runsOfRoutine(ops, 'refused'))[0]!.plan!;
    const cancelled = await ops.as('cid')('POST', `/v1/operation-plans/${plan}/cancel`, {
      reason: 'The archive moves',
    });
    expect(cancelled.status).toBeLessThan(300);
    await over('refused');
    await sweptAt(ops, due + 180_000);
    await sweptAt(ops, due + 240_000);

    expect(await runsOfRoutine(ops, 'refused')).toMatchObject([{ status: 'failed', why: 'its plan was cancelled' }]);
    const mails = (await ops.mails()).filter(({ subject }) => subject.startsWith('Routine refused failed: due at '));
    expect(mails.map(({ to }) => to).toSorted()).toEqual(
      ['ana', 'ben', 'cid', 'dan', 'vic'].map((name) => `${name}@example.org`),
    );
    const { rows } =
      await sql`select from ledger_entry where action = 'routine.failed' and subject = 'routine/refused'`.execute(
        ops.db,
      );
    expect(rows).toHaveLength(1);
  });
});

describe('after three days without Evenkeel', () => {
  test('every time has its run: what is made up opens, and of what is not, the team is told once', async () => {
    const [before] = await runsOfRoutine(ops, 'made-up-all');
    const last = Date.parse(before!.dueAt);
    await over('made-up-one');
    const back = last + days(3) + 3_600_000;
    await sweptAt(ops, back);
    for (const routine of ['made-up-one', 'made-up-all', 'made-up-none']) await over(routine);
    await sweptAt(ops, back + 60_000);
    await sweptAt(ops, back + 120_000);

    const statuses = async (routine: string) =>
      (await runsOfRoutine(ops, routine)).filter(({ dueAt }) => Date.parse(dueAt) > last).map(({ status }) => status);
    expect(await statuses('made-up-none')).toEqual(['missed', 'missed', 'missed']);
    expect(await statuses('made-up-one')).toEqual(['missed', 'missed', 'completed']);
    expect(await statuses('made-up-all')).toEqual(['completed', 'completed', 'completed']);
    const subjects = async (routine: string) => (await told(routine)).map(({ subject }) => subject);
    expect(await subjects('made-up-none')).toEqual(['Routine made-up-none was missed 3 times']);
    expect(await subjects('made-up-one')).toEqual(['Routine made-up-one was missed 2 times']);
    expect(await told('made-up-all')).toEqual([]);
  });

  test('a run that waited for Temporal for too long is missed as well', async () => {
    const [newest] = (await runsOfRoutine(ops, 'made-up-none')).slice(-1);
    const due = nextDue(Date.parse(newest!.dueAt));
    // It comes due, and is delivered when somebody is back: by then its time has passed.
    ops.setClock(due + days(1));
    await sql`
      insert into routine_run (id, routine, team, kind, due_at, opens_at, service, environment, status)
      select ${crypto.randomUUID()}, routine, team, kind, ${new Date(due).toISOString()}, ${new Date(due).toISOString()}, service, environment, 'due'
      from routine_run where id = ${newest!.id}`.execute(ops.db);
    await sql`update routine set settled_until = ${new Date(due + 1).toISOString()} where name = 'made-up-none'`.execute(
      ops.db,
    );
    await sweptAt(ops, due + days(1) - 1);
    await over('made-up-none');
    const [run] = (await runsOfRoutine(ops, 'made-up-none')).slice(-1);
    expect(run).toMatchObject({ status: 'missed', plan: null });
  });
});

test.each([
  ['leave half past two out', 2, '01:30:00.000Z'],
  ['show it twice', 9, '00:30:00.000Z'],
] as const)('in the night in which the clocks %s, it runs once', async (_, month, time) => {
  const settled = await sql<{
    until: string;
  }>`select settled_until as until from routine where name = 'nightly'`.execute(ops.db);
  const night = clocksChange(month, Date.parse(settled.rows[0]!.until));
  const evening = night - 4 * 3_600_000;
  await sql`update routine set settled_until = ${new Date(evening).toISOString()}`.execute(ops.db);
  for (let half = 0; half < 12; half += 1) await sweptAt(ops, soonAfter(evening + half * 1_800_000));
  await over('nightly');

  const due = (await runsOfRoutine(ops, 'nightly')).filter(
    ({ dueAt, service }) => Date.parse(dueAt) > evening && service === 'web',
  );
  expect(due.map(({ dueAt, plan }) => [dueAt, plan === null])).toEqual([
    [`${new Date(night).toISOString().slice(0, 11)}${time}`, false],
  ]);
});

describe('between its time and its place in the jitter', () => {
  const hour = 3_600_000;
  const spread = async () => (await runsOfRoutine(ops, 'spread')).slice(-2);

  test('a service that has come to another team is left alone, and the others have their plans', async () => {
    const [newest] = await spread();
    const due = nextDue(Date.parse(newest!.dueAt));
    await sweptAt(ops, due + 1);
    expect(new Set((await spread()).map(({ dueAt, status }) => `${dueAt} ${status}`))).toEqual(
      new Set([`${new Date(due).toISOString()} due`]),
    );
    const moved = asFiles([document('Service', 'app', { description: 'app', owner: 'other' })]);
    await ops.as('admin')('POST', '/v1/catalogue', { files: moved });
    for (const { opensAt, service } of await spread()) {
      expect(Date.parse(opensAt) - due).toBeGreaterThan(15 * 60_000);
      await sweptAt(ops, Date.parse(opensAt) + 1);
      const status = async () => (await spread()).find((run) => run.service === service)?.status;
      await expect.poll(status, { timeout: 20_000 }).not.toBe('due');
    }
    await over('spread');
    await sweptAt(ops, due + hour);
    expect((await spread()).map(({ service, status, why }) => [service, status, why])).toEqual([
      ['app', 'failed', 'service app does not belong to team shop any more'],
      ['web', 'completed', null],
    ]);
  });

  test('nothing opens once somebody has paused it', async () => {
    const [newest] = await spread();
    const due = nextDue(Date.parse(newest!.dueAt));
    await sweptAt(ops, due + 1);
    await ops.as('cid')('POST', '/v1/routines/spread/pause', { reason: 'The archive moves' });
    const [before] = (await spread()).slice(-1);
    await sweptAt(ops, Date.parse(before!.opensAt) + 1);
    await over('spread');
    const [run] = (await spread()).slice(-1);
    expect(run).toMatchObject({ service: 'web', status: 'skipped', why: 'it was paused before it opened', plan: null });
  });
});
