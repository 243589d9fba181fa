import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../../support/company.ts';
import { askedIn } from '../../support/id.ts';
import { type Ops, type Plan, startOps } from '../../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' }, steps: [act('one')] });
});
afterEach(() => ops.apply({ template: { approvalPolicy: 'second-person' }, steps: [act('one')] }));
afterAll(() => ops.stop());

const minute = 60_000;
const done = (): number => ops.target.calls.filter(({ route }) => route === 'POST /one').length;
const sinceIn = async (plan: Plan): Promise<unknown> => {
  const id = askedIn((await plan.now()).approval);
  return (await ops.as('ana')('GET', `/v1/approvals/${id}`)).body['since'];
};

const reportOf = async ({ id }: Plan): Promise<string> => {
  const read = async () => (await ops.as('ana')('GET', `/v1/operation-plans/${id}/reports`)).body.items;
  await expect.poll(read).toHaveLength(1);
  return String((await read())[0]!['markdown']);
};

describe('a failure that is told after the success', () => {
  test('holds the plan, and whoever decides reads of it', async () => {
    const artifact = 'pkg:oci/checkout@sha256:fails-after-all';
    const plan = await ops.deploy(artifact);
    await plan.until(({ approval }) => approval?.status === 'open');
    const [before, told] = [done(), { service: 'checkout', environment: 'production', artifact, change: 'failed' }];
    await ops.as('cid')('POST', '/v1/deployments', told, { 'idempotency-key': crypto.randomUUID() });
    const { deviations } = await plan.until(({ paused }) => paused);

    expect(deviations).toEqual([expect.stringMatching(/says that the deployment of .*fails-after-all failed$/)]);
    expect(await sinceIn(plan)).toEqual(deviations);
    await expect.poll(() => ops.subjects()).toContain('checkout in production: the deployment failed after all');
    const voted = await plan.vote('ana');
    expect([voted.status, voted.body['since']]).toEqual([200, deviations]);
    expect(done()).toBe(before);
    await plan.ask('cid', 'resume', { reason: 'it was a false alarm' });
    await plan.becomes('completed');
  });
});

describe('an older deployment whose newer one was completed', () => {
  const twoOf = async (): Promise<[Plan, Plan]> => {
    const older = await ops.deploy('pkg:oci/checkout@sha256:older');
    await older.until(({ approval }) => approval?.status === 'open');
    const newer = await ops.deploy('pkg:oci/checkout@sha256:newer');
    await newer.vote('ana');
    await newer.becomes('completed');
    return [older, newer];
  };

  test('says so to whoever decides, and in its report', async () => {
    const [older, newer] = await twoOf();
    const told = `pkg:oci/checkout@sha256:newer was completed in the same place since, by plan ${newer.id}`;

    await older.until(({ deviations }) => deviations.includes(told));
    expect(await sinceIn(older)).toEqual([told]);
    await older.vote('ana');
    await older.becomes('completed');
    expect(await reportOf(older)).toContain('sha256:newer was completed in the same place since');
    // The newer one is outdated by nothing.
    expect((await newer.now()).deviations).toEqual([]);
  });

  test('is superseded where the template says so', async () => {
    await ops.apply({ template: { approvalPolicy: 'second-person', whenOutdated: 'supersede' }, steps: [act('one')] });
    const [older, newer] = await twoOf();

    expect((await older.becomes('cancelled')).outcome).toContain(`superseded by plan ${newer.id}`);
    await expect.poll(async () => (await ops.stores.approvals.of(older.reference))[0]?.status).toBe('cancelled');
  });
});

describe('a maintenance window', () => {
  test('says to whoever decides when the work begins, in the mail and where they look', async () => {
    const approval = async (plan: Plan) => {
      const id = askedIn((await plan.until((now) => now.approval?.status === 'open')).approval);
      return (await ops.as('ana')('GET', `/v1/approvals/${id}`)).body['plannedStart'];
    };
    const atOnce = await ops.deploy();
    expect(await approval(atOnce)).toEqual({ window: null });

    await ops.apply({
      template: { approvalPolicy: 'second-person', window: 'window' },
      window: { zone: 'UTC', opens: '0 2 1 1 *', lasts: '4h' },
    });
    const plan = await ops.deploy();
    const start = await approval(plan);
    expect(start).toEqual({ window: 'window', earliestAt: expect.stringMatching(/^\d{4}-01-01T02:00:00.000Z$/) });
    const { rows } = await sql<{ text: string }>`
      select payload->>'text' as text from outbox
      where belongs_to = ${plan.reference} and payload->>'subject' like 'Approval needed%'`.execute(ops.db);
    const { earliestAt } = start as { earliestAt: string };
    expect(rows[0]?.text).toContain(`Begins: in window, ${earliestAt} at the earliest`);
    for (const asked of [atOnce, plan]) await asked.ask('cid', 'cancel', { reason: 'the story ends' });
  });

  test('that closed while the plan waited for its environment is waited for again', async () => {
    const now = new Date();
    const [hold, work] = [
      { name: 'hold', kind: 'task' as const, title: 'Hold', assignee: { team: 'shop' } },
      { name: 'work', runbook: 'work', environment: 'exclusive' as const, duration: '10s', undoDuration: '10s' },
    ];
    await ops.apply({ runbooks: { hold: [hold] }, template: { activities: [{ ...work, runbook: 'hold' }] } });
    const holder = await ops.deploy();
    await holder.becomes('running');
    await ops.apply({
      template: { window: 'window', activities: [work] },
      window: { zone: 'UTC', opens: `${now.getUTCMinutes()} ${now.getUTCHours()} * * *`, lasts: '3m' },
      steps: [act('one')],
    });
    const queued = await ops.deploy();
    await queued.until(({ activities: [only] }) => only?.status === 'waiting');
    const before = done();
    await queued.skip(5 * minute);
    await holder.ask('cid', 'cancel', { reason: 'make way' });
    await holder.becomes('cancelled');
    await queued.skip(minute);

    await expect.poll(async () => (await queued.runs())[0]?.steps[0]?.held).toContain('window is closed until');
    await expect.poll(() => ops.subjects()).toContain('checkout in production: one is held');
    // A run skips ahead by itself, once its plan has.
    await queued.skip(24 * 60 * minute).catch(() => undefined);
    await queued.becomes('completed');
    expect(done()).toBe(before + 1);
    const [step] = (await queued.runs())[0]!.steps;
    expect(Date.parse(step!.endedAt!) - Date.parse(step!.startedAt!)).toBeGreaterThan(20 * 60 * minute);
    expect(await reportOf(queued)).toContain('work / one was held: window is closed until');
  });

  test('that never opens is said before anybody is asked', async () => {
    await ops.apply({
      template: { approvalPolicy: 'second-person', window: 'window' },
      window: { zone: 'UTC', opens: '0 2 29 2 *', lasts: '4h' },
    });
    const plan = await ops.deploy();

    expect((await plan.becomes('failed')).outcome).toContain('window has no opening of');
    expect(await ops.stores.approvals.of(plan.reference)).toEqual([]);
  });
});

describe('an emergency freeze', () => {
  const freeze = async (person: string, ask: object) =>
    ops.as(person)('POST', '/v1/freezes', { reason: 'the data centre burns', ...ask });

  test('holds what has not begun, whatever was approved, until it is ended', async () => {
    const { body } = await freeze('cid', { service: 'checkout' });
    const plan = await ops.deploy();
    await plan.vote('ana');
    const before = done();
    const { deviations } = await plan.until((now) => now.deviations.length > 0);
    expect(deviations).toEqual([expect.stringMatching(/^held: frozen by cid until .*: the data centre burns$/)]);
    expect([(await plan.now()).status, done()]).toEqual(['scheduled', before]);
    const told = async (): Promise<number> =>
      (await ops.mails()).filter(({ to, subject }) => to === 'ana@example.org' && subject.endsWith('its start is held'))
        .length;
    await expect.poll(told).toBe(1);

    expect((await ops.as('cid')('POST', `/v1/freezes/${body.id}/end`, { reason: 'the fire is out' })).status).toBe(200);
    await plan.becomes('completed');
    const twice = await ops.as('cid')('POST', `/v1/freezes/${body.id}/end`, { reason: 'twice' });
    expect([twice.status, twice.body.detail]).toEqual([409, expect.stringMatching(/^freeze .* ended at 2/)]);
  });

  test('holds the next step of a run, and undoes what is to be undone all the same', async () => {
    await ops.apply({ template: {}, steps: [act('first'), act('one')] });
    const release = ops.target.hold('POST /first');
    const plan = await ops.deploy();
    await plan.becomes('running');
    await expect.poll(() => ops.target.calls.filter(({ route }) => route === 'POST /first').length).toBeGreaterThan(0);
    const before = done();
    const { body } = await freeze('cid', { service: 'checkout', environment: 'production' });
    release();

    await expect.poll(async () => (await plan.runs())[0]?.steps[1]?.held).toContain('frozen by cid');
    await plan.ask('cid', 'cancel', { reason: 'not today' });
    await plan.becomes('cancelled');
    expect(done()).toBe(before);
    expect(ops.target.calls.filter(({ route }) => route === 'DELETE /first')).toHaveLength(1);
    await ops.as('cid')('POST', `/v1/freezes/${body.id}/end`, { reason: 'the fire is out' });
  });

  test('of more than one service takes an admin; elsewhere nobody is held', async () => {
    expect((await freeze('cid', {})).status).toBe(403);
    expect((await freeze('cid', { environment: 'production' })).status).toBe(403);
    expect((await freeze('vic', { service: 'checkout' })).status).toBe(403);
    expect((await freeze('cid', { service: 'unheard-of' })).status).toBe(422);
    expect((await freeze('cid', { service: 'checkout', for: '31d' })).status).toBe(422);
    const other = await freeze('admin', { service: 'orphan' });
    expect(other.status).toBe(201);

    const plan = await ops.deploy();
    await plan.vote('ana');
    await plan.becomes('completed');
    await ops.as('admin')('POST', `/v1/freezes/${other.body.id}/end`, { reason: 'the story ends' });
  });
});
