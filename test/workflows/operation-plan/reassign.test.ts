import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerEntry } from '../../../domain/audit.ts';
import { entriesOf } from '../../../storage/ledger.ts';
import { type Ops, type Plan, startOps } from '../../support/ops.ts';
import { days, minutes } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const seat = 'work.shop.operator.1';
const work = { name: 'work', runbook: 'work', people: [{ team: 'shop', role: 'operator' as const }] };
const inTwoDays = new Date(Date.now() + 2 * 86_400_000);
const late = {
  window: { zone: 'UTC', opens: `0 2 ${inTwoDays.getUTCDate()} ${inTwoDays.getUTCMonth() + 1} *`, lasts: '4h' },
  template: { approvalPolicy: 'second-person', window: 'window', activities: [work] },
};

const move = (plan: Plan, to: string, by = 'cid') => plan.ask(by, 'reassign', { seat, to, reason: 'ana is ill' });
const holder = (plan: Plan) => plan.now().then(({ assignments }) => assignments[0]);
const asked = (plan: Plan, person: string) =>
  plan.until(({ assignments: [first] }) => first?.person === person && first.status === 'asked');
const mailsTo = async (person: string, subject: RegExp): Promise<number> =>
  (await ops.mails()).filter((mail) => mail.to === `${person}@example.org` && subject.test(mail.subject)).length;
const ledgerOf = async (plan: Plan): Promise<LedgerEntry[]> =>
  (await entriesOf(ops.db, { belongsTo: plan.reference })).map(({ body }) => JSON.parse(body) as LedgerEntry);

const staffedByAna = async (): Promise<Plan> => {
  const plan = await ops.deploy();
  await asked(plan, 'ana');
  await plan.ask('ana', 'accept', { seat });
  return plan;
};

describe('a seat that was taken, before the start', () => {
  test('goes to somebody who accepts it, and what was approved stays approved', async () => {
    await ops.apply(late);
    const plan = await staffedByAna();
    await plan.vote('ben');
    await plan.becomes('scheduled');
    const before = {
      ana: await mailsTo('ana', /Your seat was reassigned/),
      cid: await mailsTo('cid', /Can you take part/),
    };

    const refused = [
      await move(plan, 'ben'),
      await move(plan, 'dan'),
      await move(plan, 'ghost'),
      await move(plan, 'ana'),
    ];
    expect(refused.map(({ status, body }) => [status, body['detail']])).toEqual([
      [403, `ben has voted on plan/${plan.id}, and whoever decides does not execute`],
      [422, `seat ${seat} takes the role operator in team shop, which dan does not have`],
      [422, 'the catalogue has no person ghost'],
      [409, `ana has seat ${seat}, or is asked to take it`],
    ]);
    expect((await move(plan, 'cid', 'dan')).status).toBe(403);
    expect((await plan.ask('cid', 'reassign', { seat, to: 'cid' })).status).toBe(422);
    expect((await move(plan, 'cid')).status).toBe(200);

    expect((await asked(plan, 'cid')).status).toBe('staffing');
    await expect.poll(() => mailsTo('ana', /Your seat was reassigned/)).toBe(before.ana + 1);
    expect(await mailsTo('cid', /Can you take part/)).toBe(before.cid + 1);
    await plan.ask('cid', 'accept', { seat });
    const again = await plan.becomes('scheduled');
    expect(again.approval).toMatchObject({ attempt: 1, status: 'approved' });
    expect(again.deviations).toEqual([`cid asked to take ${seat} instead of ana, by cid: ana is ill`]);
    expect((await ledgerOf(plan)).find(({ action }) => action === 'seat.reassigned')).toMatchObject({
      actor: { type: 'person', name: 'cid' },
      reason: 'ana is ill',
      detail: { seat, to: 'cid' },
    });
    await plan.skip(days(3));
    await plan.becomes('completed');
    await expect
      .poll(async () => (await ops.stores.reports.of(plan.reference))[0]?.markdown)
      .toContain(`- ${seat}: cid (accepted), ana reassigned\n`);
  });

  test('goes to somebody who was asked to decide, and is so no more: the question is put anew', async () => {
    const plan = await staffedByAna();
    await plan.until(({ approval }) => approval?.status === 'open');

    await move(plan, 'ben');
    await asked(plan, 'ben');
    await plan.ask('ben', 'accept', { seat });

    const { approval } = await plan.until((state) => state.approval?.attempt === 2 && state.approval.status === 'open');
    expect(approval).toMatchObject({ attempt: 2 });
    expect(await plan.vote('ben')).toMatchObject({ status: 403, body: { detail: 'whoever executes it cannot vote' } });
    expect((await plan.vote('ana')).status).toBe(403);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });

  test('is declined, and whoever is left is asked: neither whoever had it nor whoever has approved', async () => {
    const plan = await staffedByAna();
    await plan.vote('ben');
    await plan.becomes('scheduled');
    await move(plan, 'cid');
    await asked(plan, 'cid');

    await plan.ask('cid', 'decline', { seat, reason: 'no time' });

    const left = await plan.until(({ assignments }) => assignments[0]?.status === 'exhausted');
    expect(left.assignments[0]?.passed.map(({ person, how }) => [person, how])).toEqual([
      ['ana', 'reassigned'],
      ['cid', 'declined'],
    ]);
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });
});

describe('a seat that was taken, while the plan runs', () => {
  const steps = {
    template: {
      activities: [
        { name: 'hand-over', task: { title: 'Hand over', assignee: { team: 'shop' } } },
        { ...work, after: ['hand-over'] },
      ],
    },
  };
  const handOver = async (plan: Plan): Promise<void> => {
    const { tasks } = await plan.until((state) => state.tasks.length === 1);
    expect((await ops.as('dan')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, {})).status).toBe(200);
  };

  test('holds its work until it is taken again', async () => {
    await ops.apply(steps);
    const plan = await staffedByAna();
    await plan.becomes('running');
    await move(plan, 'cid');
    await asked(plan, 'cid');
    await handOver(plan);
    await plan.until(({ activities }) => activities[0]?.status === 'done');
    expect((await plan.now()).activities[1]?.status).toBe('planned');
    await plan.ask('cid', 'pause', { reason: 'to see' });
    await plan.ask('cid', 'accept', { seat });
    await plan.until(({ paused, assignments }) => paused && assignments[0]?.status === 'accepted');
    expect((await plan.now()).activities[1]?.status).toBe('planned');

    await plan.ask('cid', 'resume', { reason: 'seen' });

    expect((await plan.becomes('completed')).activities[1]?.status).toBe('done');
  });

  test('that nobody takes ends the plan, after its owner was asked to name somebody', async () => {
    const plan = await staffedByAna();
    await plan.becomes('running');
    await move(plan, 'cid');
    await asked(plan, 'cid');
    await plan.skip(minutes(61));
    await asked(plan, 'ben');
    await plan.ask('ben', 'decline', { seat, reason: 'no' });
    await plan.until(({ assignments }) => assignments[0]?.status === 'exhausted');
    await plan.ask('cid', 'assign', { seat, person: 'cid', reason: 'nobody else' });
    await asked(plan, 'cid');
    await plan.ask('cid', 'decline', { seat, reason: 'no' });
    await plan.until(({ assignments }) => assignments[0]?.status === 'exhausted');

    await plan.skip(days(1) + minutes(1));

    const undone = await plan.becomes('undone');
    expect(undone.outcome).toBe(`work failed: nobody took the seat ${seat}`);
    expect((await holder(plan))?.person).toBeUndefined();
  });

  test('of work that has begun is looked for while it goes on', async () => {
    await ops.apply({
      template: {
        activities: [
          { ...work, runbook: undefined, task: { title: 'Watch it', assignee: { team: 'shop' }, dueWithin: '30d' } },
        ],
      },
    });
    const plan = await staffedByAna();
    const { tasks } = await plan.until((state) => state.tasks.length === 1);
    await move(plan, 'cid');
    for (const person of ['cid', 'ben']) {
      await asked(plan, person);
      await plan.ask(person, 'decline', { seat, reason: 'no' });
    }
    const first = await plan.until(({ assignments }) => assignments[0]?.status === 'exhausted');
    await plan.skip(days(1) + minutes(1));
    await plan.until(({ assignments: [only], rev }) => only?.status === 'exhausted' && rev > first.rev);
    expect((await plan.now()).activities[0]?.status).toBe('running');

    await ops.as('dan')('POST', `/v1/tasks/${tasks[0]!.id}/complete`, {});
    await plan.becomes('completed');
  });

  test('of work that is over is nobody’s any more', async () => {
    await ops.apply({
      template: {
        activities: [
          work,
          { name: 'hand-over', task: { title: 'Hand over', assignee: { team: 'shop' } }, after: ['work'] },
        ],
      },
    });
    const plan = await staffedByAna();
    await plan.until(({ tasks }) => tasks.length === 1);

    expect(await move(plan, 'cid')).toMatchObject({ status: 409, body: { field: 'seat' } });
    await handOver(plan);
    await plan.becomes('completed');
  });
});

describe('a task of a person', () => {
  const toDan = { title: 'Call the bank', assignee: { person: 'dan' } };
  const give = (id: string, to: string, by = 'cid') =>
    ops.as(by)('POST', `/v1/tasks/${id}/reassign`, { to, reason: 'dan is ill' });
  const complete = (id: string, by: string) => ops.as(by)('POST', `/v1/tasks/${id}/complete`, {});

  test('that is an activity goes to another one, who completes it', async () => {
    await ops.apply({ template: { activities: [{ name: 'call', task: toDan }] } });
    const plan = await ops.deploy();
    const { tasks } = await plan.until((state) => state.tasks.length === 1);
    const { id } = tasks[0]!;

    expect((await give(id, 'eva', 'dan')).status).toBe(403);
    expect(await give(id, 'vic')).toMatchObject({ status: 422, body: { field: 'to' } });
    expect(await give(id, 'ghost')).toMatchObject({ status: 422, body: { field: 'to' } });
    expect((await give(id, 'eva')).status).toBe(200);

    await expect.poll(() => mailsTo('dan', /Reassigned: Call the bank/)).toBe(1);
    await expect.poll(() => mailsTo('eva', /Task: Call the bank/)).toBe(1);
    expect((await complete(id, 'dan')).status).toBe(403);
    expect((await ops.as('eva')('GET', `/v1/tasks/${id}`)).body).toMatchObject({
      reassigned: [{ from: 'dan', to: 'eva', by: 'cid', reason: 'dan is ill' }],
    });
    expect((await complete(id, 'eva')).status).toBe(200);
    const done = await plan.becomes('completed');
    expect(done.deviations).toEqual(['Call the bank was given to eva instead of dan, by cid: dan is ill']);
    expect((await ledgerOf(plan)).find(({ action }) => action === 'task.reassigned')).toMatchObject({
      reason: 'dan is ill',
      detail: { to: 'eva' },
    });
  });

  test('that is a step goes to another one, who does not decide on what comes next', async () => {
    await ops.apply({
      steps: [
        { name: 'call', kind: 'task', ...toDan },
        { name: 'agree', kind: 'approval', policy: 'second-person', question: 'Did it work?' },
      ],
    });
    const plan = await ops.deploy();
    const taskOf = async (): Promise<string> => (await plan.runs())[0]?.tasks[0]?.id ?? '';
    await expect.poll(taskOf).not.toBe('');
    const id = await taskOf();

    expect((await give(id, 'ben')).status).toBe(200);
    await expect.poll(() => mailsTo('ben', /Task: Call the bank/)).toBe(1);
    await complete(id, 'ben');

    await expect.poll(async () => (await ops.stores.approvals.of(plan.reference)).length).toBe(1);
    const [approval] = await ops.stores.approvals.of(plan.reference);
    expect(approval?.executors).toContain('ben');
    const vote = (by: string) =>
      ops.as(by)('POST', `/v1/approvals/${approval!.id}/votes`, { decision: 'approve', digest: approval!.digest });
    expect(await vote('ben')).toMatchObject({ status: 403, body: { detail: 'whoever executes it cannot vote' } });
    expect((await vote('ana')).status).toBe(200);
    await plan.becomes('completed');
    await expect
      .poll(async () => (await ops.stores.reports.of(plan.reference))[0]?.markdown)
      .toContain('- Call the bank was given to ben instead of dan, by cid: dan is ill');
  });

  test('does not go to somebody who has decided, nor does the vote of somebody who was given one count', async () => {
    await ops.apply({
      policy: { stages: [{ approvers: [{ team: 'shop' }], quorum: { count: 2 } }] },
      runbooks: {
        asks: [{ name: 'agree', kind: 'approval', policy: 'second-person', question: 'Shall it?' }],
      },
      template: {
        activities: [
          { name: 'call', task: toDan },
          { name: 'ask', runbook: 'asks' },
        ],
      },
    });
    const plan = await ops.deploy('pkg:oci/checkout@sha256:two-of-them', 'cid');
    const { tasks } = await plan.until((state) => state.tasks.length === 1);
    await expect.poll(async () => (await ops.stores.approvals.of(plan.reference)).length).toBe(1);
    const [approval] = await ops.stores.approvals.of(plan.reference);
    const vote = (by: string) =>
      ops.as(by)('POST', `/v1/approvals/${approval!.id}/votes`, { decision: 'approve', digest: approval!.digest });
    expect((await vote('ana')).status).toBe(200);

    expect(await give(tasks[0]!.id, 'ana')).toMatchObject({ status: 403, body: { field: 'to' } });
    expect((await give(tasks[0]!.id, 'ben')).status).toBe(200);

    expect(await vote('ben')).toMatchObject({ status: 403, body: { detail: 'whoever executes it cannot vote' } });
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
    await plan.becomes('cancelled');
  });
});
