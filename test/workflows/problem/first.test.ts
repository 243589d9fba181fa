import { afterAll, beforeAll, expect, test } from 'vitest';
import { declare } from '../../support/monitoring.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem } from '../../support/problem.ts';
import { days } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

test('a problem goes from a person who opens it to a fix that the numbers show', async () => {
  const incidents = [await declare(ops), await declare(ops)].map(({ number }) => number);
  const problem = await openProblem(ops, { title: 'The pool runs dry', incidents });
  await problem.ask('dan', 'assess', { impact: 1, urgency: 2 });
  await problem.ask('dan', 'assign', { to: 'cid' });
  expect((await problem.becomes('investigating')).priority).toBe(2);

  await problem.ask('cid', 'claim', { text: 'Connections are not returned' });
  await problem.ask('cid', 'claim', { text: 'A timeout skips the release', explains: 1 });
  expect((await problem.ask('cid', 'add-action', { action: fix })).body.detail).toContain('no cause is supported');
  const evidence = [{ text: 'The stack trace of the second incident' }];
  await problem.ask('cid', 'judge-claim', { claim: 2, status: 'supported', evidence, reason: 'seen' });
  expect((await problem.ask('cid', 'add-action', { action: fix })).status).toBe(200);
  expect((await problem.ask('ben', 'start-action', { action: 1, plan: 'nobody.knows.it' })).status).toBe(422);
  const { id: plan } = await ops.deploy();
  await problem.ask('ben', 'start-action', { action: 1, plan });
  await problem.becomes('fix-in-progress');
  await problem.ask('ben', 'complete-action', { action: 1, note: 'released in 4.2' });
  const { verification } = await problem.until(({ verification: wait }) => wait?.until !== undefined);
  // Two in 90 days: nothing says so before 135 days without one.
  expect(daysBetween(verification!.since, verification!.until!)).toBe(135);

  await problem.skip(days(136));

  const closed = await problem.becomes('closed');
  expect(closed).toMatchObject({ resolution: 'fixed', actions: [{ status: 'verified' }] });
  expect((await ops.as('dan')('GET', `/v1/incidents/${incidents[0]}`)).body['problems']).toEqual([
    { number: problem.number, title: 'The pool runs dry', status: 'closed' },
  ]);
  await expect.poll(() => ops.subjects()).toContain(`Problem ${problem.number} closed: The pool runs dry`);
});

const fix = {
  text: 'Release in finally',
  owner: 'ben',
  strength: 'eliminate',
  dueOn: new Date(Date.now() + days(30)).toISOString().slice(0, 10),
};
const daysBetween = (from: string, until: string): number =>
  Math.round((Date.parse(until) - Date.parse(from)) / days(1));
