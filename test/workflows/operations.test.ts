import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../domain/task.ts';
import { operationFiles, operationPrograms, requestOperation } from '../support/operations.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';

/** The ready-made operations keep what they promise. */
let ops: Ops;
beforeAll(async () => {
  ops = await startOps({}, { EVENKEEL_PROGRAMS_DIR: operationPrograms });
  await ops.as('admin')('POST', '/v1/catalogue', { files: operationFiles() });
});
afterAll(() => ops.stop());

const openTasks = async (plan: Plan): Promise<Task[]> => {
  const all = [...((await plan.now()).tasks ?? []), ...(await plan.runs()).flatMap(({ tasks }) => tasks)];
  return all.filter(({ status }) => status === 'open');
};

/** The one task that is to be done now. */
const taskOf = async (plan: Plan, title: RegExp): Promise<Task> => {
  await expect
    .poll(async () => (await openTasks(plan)).map((task) => task.title), { timeout: 20_000 })
    .toEqual([expect.stringMatching(title)]);
  return (await openTasks(plan))[0]!;
};

const complete = async (plan: Plan, title: RegExp, answers: object, who = 'dan'): Promise<number> => {
  const { id } = await taskOf(plan, title);
  return (await ops.as(who)('POST', `/v1/tasks/${id}/complete`, { answers })).status;
};

/** The question that a step has put. */
const questionOf = async (plan: Plan) => {
  const asked = async () => (await ops.stores.approvals.of(plan.reference)).filter(({ status }) => status === 'open');
  await expect.poll(async () => (await asked()).length, { timeout: 20_000 }).toBe(1);
  return (await asked())[0]!;
};

const vote = async (plan: Plan, who: string): Promise<number> => {
  const { id, digest } = await questionOf(plan);
  return (await ops.as(who)('POST', `/v1/approvals/${id}/votes`, { decision: 'approve', digest })).status;
};

const isDone = async (plan: Plan, activity: string): Promise<void> =>
  void (await plan.until(({ activities }) => activities.find(({ name }) => name === activity)?.status === 'done'));

describe('the rotation of a secret', () => {
  const issued = { id: '2', expiresAt: '2027-06-01', bothAccepted: true };
  const moved = { moved: 'web since 9:00, seen in its log', everyoneMoved: true, oldUnused: true };

  test('revokes the old one when every consumer has moved and somebody else agrees, and never before', async () => {
    const plan = await requestOperation(ops, 'secret-rotation', { name: 'shop-database', consumers: 'web, jobs' });
    await complete(plan, /^Issue a new shop-database/, issued);
    const half = await taskOf(plan, /^Move every consumer/);
    expect(half.instructions).toContain('web, jobs');
    await complete(plan, /^Move every consumer/, { ...moved, everyoneMoved: false });

    // The step failed, and waits for a person: nothing is asked, nothing is revoked.
    await expect.poll(async () => (await plan.runs()).at(-1)?.status, { timeout: 20_000 }).toBe('asking');
    expect(await ops.stores.approvals.of(plan.reference)).toEqual([]);

    await plan.askStep('cid', 'move/move', 'retry', { reason: 'jobs have moved as well' });
    await complete(plan, /^Move every consumer/, moved);
    expect((await questionOf(plan)).question).toBe(
      'Revoke the old shop-database of checkout? Its consumers: web, jobs',
    );
    expect(await vote(plan, 'cid')).toBe(403);
    expect(await vote(plan, 'ana')).toBe(200);
    await complete(plan, /^Revoke the old shop-database/, { revokedAt: 'today' });

    await plan.becomes('completed');
  });

  test('withdraws the new one, and leaves the old one, when nobody agrees', async () => {
    const plan = await requestOperation(ops, 'secret-rotation', { name: 'mail', consumers: 'web' });
    await complete(plan, /^Issue a new mail/, issued);
    await complete(plan, /^Move every consumer/, moved);
    const { id, digest } = await questionOf(plan);
    await ops.as('ana')('POST', `/v1/approvals/${id}/votes`, { decision: 'reject', digest, reason: 'jobs have not' });

    await complete(plan, /^Move the consumers back to the old mail/, {});
    await complete(plan, /^Withdraw the new mail/, {});

    const { activities } = await plan.becomes('undone');
    expect(activities.map(({ status }) => status)).toEqual(['undone', 'undone', 'undone']);
  });
});

describe('an access review', () => {
  test('is decided by two others than who requested it and who has reviewed', async () => {
    const plan = await requestOperation(ops, 'access-review', { system: 'database', grants: 'wiki/42' });
    const seat = 'review.shop.responder.1';
    await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
    await plan.ask('ana', 'accept', { seat });
    const answers = { decisions: 'wiki/43', leftOut: 'ana: admin', isComplete: true, noneOfMine: true };
    await complete(plan, /^Look through the grants of database/, answers, 'ana');

    const { stages } = await questionOf(plan);
    expect(stages[0]).toMatchObject({ eligible: ['ben'], needed: 2 });
    expect([await vote(plan, 'ana'), await vote(plan, 'cid'), await vote(plan, 'ben')]).toEqual([403, 403, 200]);
    // One more has to agree, and this small team has nobody left.
    expect((await questionOf(plan)).votes).toHaveLength(1);

    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  });

  test('of somebody who decided about their own grant fails', async () => {
    const plan = await requestOperation(ops, 'access-review', { system: 'database', grants: 'wiki/42' });
    await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
    await plan.ask('ana', 'accept', { seat: 'review.shop.responder.1' });

    const answers = { decisions: 'wiki/43', leftOut: 'none', isComplete: true, noneOfMine: false };
    await complete(plan, /^Look through the grants/, answers, 'ana');

    const { activities } = await plan.until((state) => state.activities[0]?.status === 'failed');
    expect(activities.find(({ name }) => name === 'remove')?.status).toBe('planned');
    await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  });
});

describe('the intake of a security scan', () => {
  const scan = { scanner: 'trivy', report: 'ci/77' };

  test('has a task for each severity that was found, and ends with a scan', async () => {
    const plan = await requestOperation(ops, 'security-scan-intake', { ...scan, critical: 1 });
    await complete(plan, /has found in checkout$/, { owners: 'dan' });
    await complete(plan, /^Fix the critical findings/, { versions: '1.2.4' });
    await complete(plan, /^Scan checkout with trivy once more/, { report: 'ci/78', isClean: false });
    await plan.until(({ activities }) => activities.at(-1)?.status === 'failed');

    await plan.ask('cid', 'retry', { activity: 'rescan', reason: 'mended' });
    await complete(plan, /^Scan checkout with trivy once more/, { report: 'ci/79', isClean: true });

    const { activities } = await plan.becomes('completed');
    expect(activities.map(({ name }) => name)).toEqual(['look-through', 'fix-critical', 'rescan']);
  });

  test('of nothing is looked through and scanned once more', async () => {
    const plan = await requestOperation(ops, 'security-scan-intake', scan);
    await complete(plan, /has found in checkout$/, { owners: 'nobody' });
    await complete(plan, /^Scan checkout/, { report: 'ci/80', isClean: true });

    expect((await plan.becomes('completed')).activities).toHaveLength(2);
  });
});

test('a failover exercise is approved, looked at from both sides, and measured', async () => {
  const plan = await requestOperation(ops, 'failover-exercise', { scenario: 'zone a is gone', to: 'zone b' });
  await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
  await plan.ask('ana', 'accept', { seat: 'fail-over.shop.responder.1' });
  await plan.vote('ben');
  await complete(plan, /^Announce the exercise/, { toldWhom: 'support', stopWord: 'halt' });
  await complete(plan, /^Fail checkout over to zone b/, { disruptedAt: '10:00', servedAt: '10:12' });
  await complete(plan, /^Fail checkout back from zone b/, { servedAt: '11:00', dataKept: true });
  const lessons = {
    achievedRtoMinutes: 12,
    achievedRpoMinutes: 0,
    objectiveMet: true,
    findings: 'none',
    nextDue: 'May',
  };
  await complete(plan, /has shown$/, lessons);

  await plan.becomes('completed');

  expect(ops.target.calls.filter(({ route }) => route === 'GET /health')).toHaveLength(3);
  await expect
    .poll(async () => (await ops.stores.reports.of(plan.reference))[0]?.markdown)
    .toContain('Minutes from the disruption to users being served 12');
});

test('patching looks before and after, and goes back when it is called off', async () => {
  const plan = await requestOperation(ops, 'patching', { what: 'libpq 18.4', severity: 'high' });
  await plan.until(({ assignments }) => assignments[0]?.status === 'asked');
  await plan.ask('ana', 'accept', { seat: 'patch.shop.responder.1' });
  await plan.vote('ben');
  await taskOf(plan, /^Patch checkout in production: libpq 18.4/);
  ops.target.answer('GET /health', 500);
  await complete(plan, /^Patch checkout/, { before: '18.3', after: '18.4' });
  await expect.poll(async () => (await plan.runs())[0]?.steps.at(-1)?.status).toBe('running');
  await plan.ask('cid', 'cancel', { reason: 'it does not come up' });
  ops.target.answer('GET /health', 200);

  await complete(plan, /^Go back on checkout in production: libpq 18.4/, {});

  await plan.becomes('cancelled');
});

test('a capacity review that comes too late fails, and one that is in time is done', async () => {
  const plan = await requestOperation(ops, 'capacity-review', { resource: 'disks', forecast: 'grafana/7' });
  const figures = { headroomPercent: 12, daysLeft: 20, decision: 'two more disks, dan, Friday' };
  await complete(plan, /^Review the capacity of checkout in production, disks/, { ...figures, isInTime: false });
  const late = await plan.until(({ activities }) => activities[0]?.status === 'failed');
  expect(late.activities[0]?.detail).toContain('It comes before it is used up');
  await plan.ask('cid', 'retry', { activity: 'review', reason: 'ordered elsewhere' });
  await complete(plan, /^Review the capacity/, { ...figures, isInTime: true });

  await plan.becomes('completed');
});

test('evidence of compliance is looked at by somebody else than who asked for it', async () => {
  const plan = await requestOperation(ops, 'compliance-evidence', { framework: 'ISO 27001', period: '2026-Q3' });
  await complete(plan, /for ISO 27001, 2026-Q3$/, { where: 'vault', digest: 'ab12', missing: 'none' });
  await isDone(plan, 'collect');
  expect([await vote(plan, 'cid'), await vote(plan, 'ana')]).toEqual([403, 200]);

  await plan.becomes('completed');
});
