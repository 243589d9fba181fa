import { afterAll, beforeAll, expect, test } from 'vitest';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem } from '../../support/problem.ts';
import { days } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  // Each run of the workflow takes one message.
  ops = await startOps({}, { EVENKEEL_MESSAGES_PER_RUN: '1' });
});
afterAll(() => ops.stop());

const dueOn = new Date(Date.now() + days(20)).toISOString().slice(0, 10);
const action = { text: 'Release in finally', owner: 'ben', strength: 'eliminate', dueOn };

/** A problem whose cause is known, and an action against it. */
const planned = async () => {
  const { number } = await declare(ops);
  const problem = await openProblem(ops, { incidents: [number] });
  await problem.ask('dan', 'assess', { impact: 2, urgency: 2 });
  await problem.ask('dan', 'assign', { to: 'cid' });
  await problem.ask('cid', 'claim', { text: 'Connections are not returned', evidence: [{ text: 'a trace' }] });
  await problem.ask('cid', 'judge-claim', { claim: 1, status: 'supported', reason: 'seen' });
  expect((await problem.ask('cid', 'add-action', { action })).status).toBe(200);
  return problem;
};

test('an action that is not done is chased, whatever runs its workflow has had', async () => {
  const problem = await planned();
  await problem.becomes('fix-planned');

  await problem.skip(days(36));

  const { actions, claims } = await problem.until(({ actions: [first] }) => first!.chased >= 2);
  expect([actions.length, claims.length]).toEqual([1, 1]);
  await expect
    .poll(() => ops.mails())
    .toContainEqual({
      to: 'ben@example.org',
      subject: expect.stringContaining('an action of yours is due') as string,
    });
});

test('a fix that has not helped is looked into again, and whoever answers for it is told what the numbers say', async () => {
  const problem = await planned();
  await problem.ask('ben', 'complete-action', { action: 1, note: 'released' });
  await problem.until(({ verification }) => verification?.until !== undefined);
  const again = await declare(ops);

  expect((await problem.ask('dan', 'link', { incident: again.number, isSameCause: true })).status).toBe(200);

  expect(await problem.becomes('investigating')).toMatchObject({ actions: [{ status: 'ineffective' }] });
  await expect
    .poll(() => ops.mails())
    .toContainEqual({ to: 'cid@example.org', subject: expect.stringContaining('its fix was judged') as string });
});

test('a fix of which nothing can be known is counted for longer, and says until when', async () => {
  const problem = await planned();
  await problem.ask('dan', 'unlink', { incident: (await problem.now())!.incidents[0]!.number, reason: 'another one' });
  await problem.ask('ben', 'complete-action', { action: 1, note: 'released' });
  const { verification: first } = await problem.until(({ verification }) => verification?.until !== undefined);

  await problem.skip(days(91));

  const { status, verification } = await problem.until((each) => each.verification?.last !== undefined);
  expect([status, verification?.last?.verdict]).toEqual(['verifying', 'undetermined']);
  expect(verification!.until! > first!.until!).toBe(true);
});
