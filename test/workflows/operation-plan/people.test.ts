import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ops, startOps } from '../../support/ops.ts';
import { days, minutes } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

describe('people', () => {
  const staffed = {
    template: {
      activities: [{ name: 'work', runbook: 'work', people: [{ team: 'shop', role: 'operator' as const }] }],
    },
  };

  test('are asked one after the other; a decline and a silence are passed on to the next', async () => {
    await ops.apply(staffed);
    const plan = await ops.deploy();
    const first = await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
    expect(first.assignments[0]?.person).toBe('ana');
    await plan.ask('ana', 'decline', { seat: 'work.shop.operator.1', reason: 'on holiday' });
    await plan.until(({ assignments }) => assignments[0]?.person === 'ben');

    await plan.skip(minutes(61));

    const next = await plan.until(({ assignments }) => assignments[0]?.person === 'cid');
    expect(next.assignments[0]?.passed).toMatchObject([
      { person: 'ana', how: 'declined' },
      { person: 'ben', how: 'no-answer' },
    ]);
    await plan.ask('cid', 'accept', { seat: 'work.shop.operator.1' });
    await plan.becomes('completed');
  });

  test('are not asked twice when the readiness is looked at again, and hear when the work begins', async () => {
    const inTwoDays = new Date(Date.now() + 2 * 86_400_000);
    await ops.apply({
      window: { zone: 'UTC', opens: `0 2 ${inTwoDays.getUTCDate()} ${inTwoDays.getUTCMonth() + 1} *`, lasts: '4h' },
      template: { ...staffed.template, window: 'window' },
    });
    const plan = await ops.deploy();
    const toAna = async (subject: RegExp): Promise<number> =>
      (await ops.mails()).filter((mail) => mail.to === 'ana@example.org' && subject.test(mail.subject)).length;
    const before = await toAna(/Can you take part/);
    await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
    await plan.ask('cid', 'reassess', { reason: 'to be sure' });
    await plan.until(({ status, rev }) => status === 'staffing' && rev > 6);

    expect(await toAna(/Can you take part/)).toBe(before + 1);
    await plan.ask('ana', 'accept', { seat: 'work.shop.operator.1' });
    await plan.becomes('scheduled');
    await expect.poll(() => toAna(/^Starts .*: checkout in production/)).toBe(1);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  });

  test('cannot accept for somebody else', async () => {
    const plan = await ops.deploy();
    await plan.until(({ assignments }) => assignments[0]?.status === 'asked');

    const reply = await plan.ask('ben', 'accept', { seat: 'work.shop.operator.1' });

    expect(reply.status).toBe(403);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });

  test('named again after everybody declined are asked again, and the owner is told again', async () => {
    const plan = await ops.deploy();
    const seat = 'work.shop.operator.1';
    for (const person of ['ana', 'ben', 'cid', 'ana', 'ana']) {
      await plan.until(({ assignments }) => assignments[0]?.status !== 'open');
      if ((await plan.now()).assignments[0]?.status === 'exhausted')
        await plan.ask('cid', 'assign', { seat, person, reason: 'nobody else can' });
      await plan.until(({ assignments: [first] }) => first?.person === person && first.status === 'asked');
      await plan.ask(person, 'decline', { seat, reason: 'no' });
    }
    await plan.until(({ assignments }) => assignments[0]?.status === 'exhausted');

    const told = async (how: RegExp): Promise<number> => {
      const { rows } = await sql<{ key: string }>`select key from outbox where belongs_to = ${plan.reference}`.execute(
        ops.db,
      );
      return new Set(rows.flatMap(({ key }) => how.exec(key)?.[0] ?? [])).size;
    };
    await expect.poll(() => told(/exhausted\/\d+/)).toBe(3);
    await expect.poll(() => told(/operator\.1\/\d+\/ana\b/)).toBe(3);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });

  test('of another team find the plan that needs them in their list, and the approval that they may not give', async () => {
    await ops.apply({
      template: {
        approvalPolicy: 'second-person',
        activities: [{ name: 'work', runbook: 'work', people: [{ team: 'other', role: 'operator' }] }],
      },
    });
    const plan = await ops.deploy();
    await plan.until(({ assignments }) => assignments[0]?.status === 'asked');

    expect((await ops.as('eva')('GET', '/v1/operation-plans?status=staffing')).body.items).toMatchObject([
      { id: plan.id },
    ]);
    await plan.ask('eva', 'accept', { seat: 'work.other.operator.1' });
    expect(await plan.vote('eva')).toMatchObject({
      status: 403,
      body: { detail: 'whoever executes it cannot vote' },
    });
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
    await ops.apply(staffed);
  });

  test('run out: the owner is told and has a day to name somebody, then the plan fails', async () => {
    const plan = await ops.deploy();
    for (const person of ['ana', 'ben', 'cid']) {
      await plan.until(({ assignments }) => assignments[0]?.person === person);
      await plan.ask(person, 'decline', { seat: 'work.shop.operator.1', reason: 'no' });
    }
    await plan.until(({ assignments }) => assignments[0]?.status === 'exhausted');
    await expect.poll(() => ops.subjects()).toContain('checkout in production: nobody left to ask');
    const ghost = { seat: 'work.shop.operator.1', person: 'nobody', reason: 'somebody has to' };
    expect(await plan.ask('cid', 'assign', ghost)).toMatchObject({
      status: 422,
      body: { field: 'person', detail: 'the catalogue has no person nobody' },
    });

    await plan.skip(days(1) + minutes(1));

    expect((await plan.becomes('failed')).outcome).toBe('nobody took the seat work.shop.operator.1');
    expect(ops.target.calls.filter(({ key }) => key?.startsWith(plan.workflowId))).toEqual([]);
  });
});
