import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ops, startOps } from '../support/ops.ts';
import { days, hours } from '../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps(
    {
      template: {
        approvalPolicy: 'second-person',
        confirmWithin: '30d',
        decideWithin: '3d',
        activities: [{ name: 'work', runbook: 'work', people: [{ team: 'shop', role: 'operator' }] }],
      },
      policy: { timeout: '30d' },
    },
    { EVENKEEL_MESSAGES_PER_RUN: '3' },
  );
});
afterAll(() => ops.stop());

test('a plan of weeks continues as new and loses neither its people, nor its approval, nor a command', async () => {
  const plan = await ops.deploy();
  const { taskQueue: _, ...first } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
  await plan.ask('ana', 'decline', { seat: 'work.shop.operator.1', reason: 'on holiday' });
  await plan.until(({ assignments }) => assignments[0]?.person === 'ben');
  for (const reason of ['one', 'two']) {
    // A command that meets the change of runs is answered with 202 and applied in the next one.
    expect([200, 202]).toContain((await plan.ask('cid', 'pause', { reason })).status);
    await plan.until(({ paused }) => paused);
    expect([200, 202]).toContain((await plan.ask('cid', 'resume', { reason })).status);
    await plan.until(({ paused }) => !paused);
  }
  await plan.skip(days(20));
  await plan.ask('ben', 'accept', { seat: 'work.shop.operator.1' });
  await plan.becomes('awaiting-approval');
  await plan.skip(days(20));
  await plan.vote('ana');

  const done = await plan.becomes('completed');

  const last = await ops.client.workflow.getHandle(plan.workflowId).describe();
  expect(last.runId).not.toBe(first.runId);
  expect(done.assignments).toMatchObject([{ person: 'ben', status: 'accepted', passed: [{ person: 'ana' }] }]);
  expect(done.deviations.filter((line) => line.startsWith('paused'))).toEqual(['paused: one', 'paused: two']);
  expect([...ops.target.keys().values()]).toEqual([1, 1]);
  const audit = await ops.as('ana')('GET', `/v1/operation-plans/${plan.id}/audit`);
  const revisions = audit.body.items
    .map(({ key }) => String(key))
    .filter((key) => key.startsWith(`${plan.workflowId}/`) && !key.includes('runbook'));
  expect(revisions).toHaveLength(done.rev);
});

test('the same command again is applied once, in the next run too', async () => {
  const plan = await ops.deploy();
  await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
  const key = { 'idempotency-key': crypto.randomUUID() };
  const path = `/v1/operation-plans/${plan.id}/pause`;

  const replies = [
    await ops.as('cid')('POST', path, { reason: 'once' }, key),
    await ops.as('cid')('POST', path, { reason: 'once' }, key),
  ];
  const other = await ops.as('cid')('POST', path, { reason: 'another' }, key);

  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect(replies[0]?.body).toEqual(replies[1]?.body);
  expect(other.status).toBe(409);
  expect((await plan.now()).deviations).toEqual(['paused: once']);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
});

test('changes that were asked for are not asked for again in the next run', async () => {
  const plan = await ops.deploy();
  await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
  const { person } = (await plan.now()).assignments[0]!;
  await plan.ask(person!, 'accept', { seat: 'work.shop.operator.1' });
  await plan.becomes('awaiting-approval');
  await plan.vote(person === 'ana' ? 'ben' : 'ana', 'request-changes', { reason: 'at night, please' });
  await plan.until(({ approval }) => approval?.status === 'changes-requested');
  await expect.poll(() => ops.subjects()).toContainEqual(expect.stringMatching(/^Changes requested: /));
  const { runId } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  for (const reason of ['one', 'two']) {
    await plan.ask('cid', 'pause', { reason });
    await plan.until(({ paused }) => paused);
    await plan.ask('cid', 'resume', { reason });
    await plan.until(({ paused }) => !paused);
  }
  await expect
    .poll(async () => (await ops.client.workflow.getHandle(plan.workflowId).describe()).runId, { timeout: 10_000 })
    .not.toBe(runId);
  await plan.skip(days(1));

  const { body } = await ops.as('ana')('GET', `/v1/approvals?belongsTo=plan/${plan.id}`);

  expect(body.items).toMatchObject([{ id: `plan.${plan.id}.approval.1`, status: 'changes-requested' }]);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
});

test('a pause has an owner in every run: they hear of it once a period, whatever is reported meanwhile', async () => {
  const artifact = 'pkg:oci/checkout@sha256:paused';
  const plan = await ops.deploy(artifact);
  await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
  const reminders = async (): Promise<number> =>
    (await ops.mails()).filter(({ subject }) => subject.endsWith('still paused')).length;
  const before = await reminders();
  await plan.ask('cid', 'pause', { reason: 'the network is being mended' });
  await plan.until(({ paused }) => paused);
  await plan.skip(days(3) + hours(1));
  await expect.poll(reminders, { timeout: 10_000 }).toBeGreaterThan(before);
  const once = (await reminders()) - before;
  const { runId } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  for (let count = 0; count < 3; count += 1) await ops.deploy(artifact);
  await expect
    .poll(async () => (await ops.client.workflow.getHandle(plan.workflowId).describe()).runId, { timeout: 10_000 })
    .not.toBe(runId);

  await plan.skip(days(3));

  await expect.poll(reminders, { timeout: 10_000 }).toBe(before + 2 * once);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
});

test('a seat and a task that go to somebody else do so over the change of runs, and nobody is notified twice', async () => {
  const task = { title: 'Call the bank', assignee: { person: 'dan' } };
  await ops.apply({
    template: {
      confirmWithin: '30d',
      activities: [
        { name: 'call', task },
        { name: 'work', runbook: 'work', after: ['call'], people: [{ team: 'shop', role: 'operator' }] },
      ],
    },
  });
  const plan = await ops.deploy();
  const { taskQueue: _, ...first } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  const seat = 'work.shop.operator.1';
  const asked = (person: string) =>
    plan.until(({ assignments: [only] }) => only?.person === person && only.status === 'asked');
  await asked('ana');
  await plan.ask('ana', 'accept', { seat });
  const { tasks } = await plan.until((state) => state.tasks.length === 1);
  const path = `/v1/tasks/${tasks[0]!.id}`;
  const to = (person: string) =>
    plan.until(
      ({ tasks: [only] }) => only !== undefined && 'person' in only.assignee && only.assignee.person === person,
    );
  for (const person of ['eva', 'dan', 'eva']) {
    await ops.as('cid')('POST', `${path}/reassign`, { to: person, reason: 'ill' });
    await to(person);
    await plan.ask('cid', 'pause', { reason: 'to see' });
    await plan.until(({ paused }) => paused);
    await plan.ask('cid', 'resume', { reason: 'seen' });
    await plan.until(({ paused }) => !paused);
  }
  for (const [from, person] of [
    ['ana', 'cid'],
    ['cid', 'ben'],
  ] as const) {
    await plan.ask('cid', 'reassign', { seat, to: person, reason: `${from} is ill` });
    await asked(person);
    await plan.ask(person, 'accept', { seat });
    await plan.until(({ assignments }) => assignments[0]?.status === 'accepted');
  }
  await ops.as('eva')('POST', `${path}/complete`, {});

  await plan.becomes('completed');
  const mails = async (subject: RegExp): Promise<Record<string, number>> => {
    const { rows } = await sql<{ to: string; subject: string }>`
      select payload->>'to' as to, payload->>'subject' as subject from outbox where belongs_to = ${plan.reference}`.execute(
      ops.db,
    );
    const of = rows.filter((mail) => subject.test(mail.subject)).map((mail) => mail.to.replace(/@.*/, ''));
    return Object.fromEntries(
      [...new Set(of)].toSorted().map((name) => [name, of.filter((one) => one === name).length]),
    );
  };
  expect(await mails(/^Task: Call/)).toEqual({ dan: 2, eva: 2 });
  expect(await mails(/^Reassigned/)).toEqual({ dan: 2, eva: 1 });
  expect(await mails(/^Can you take part/)).toEqual({ ana: 1, ben: 1, cid: 1 });
  expect(await mails(/^Your seat was reassigned/)).toEqual({ ana: 1, cid: 1 });
  const last = await ops.client.workflow.getHandle(plan.workflowId).describe();
  expect(last.runId).not.toBe(first.runId);
});
