import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem } from '../../support/problem.ts';
import { days } from '../../support/time.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

type Opened = Awaited<ReturnType<typeof openProblem>>;

const ask = (problem: Opened, by: string, inDays = 40) =>
  problem.ask(by, 'accept-risk', { until: new Date(Date.now() + days(inDays)).toISOString(), reason: 'rare' });
const vote = async (problem: Opened, by: string, decision: string) => {
  const { risk } = await problem.until(({ risk: asked }) => asked?.approval !== undefined);
  const { id, digest } = (await ops.stores.approvals.find(risk!.approval!))!;
  return ops.as(by)('POST', `/v1/approvals/${id}/votes`, { decision, digest, reason: 'as the story wants it' });
};

describe('a risk', () => {
  test('is accepted by somebody else who approves for the team, until it expires', async () => {
    const problem = await openProblem(ops);
    expect((await ask(problem, 'ana')).status).toBe(200);
    expect((await vote(problem, 'ana', 'approve')).status).toBe(403);
    expect((await vote(problem, 'dan', 'approve')).status).toBe(403);
    expect((await vote(problem, 'ben', 'approve')).status).toBe(200);
    expect(await problem.becomes('closed')).toMatchObject({ resolution: 'risk-accepted' });

    await problem.skip(days(41));

    expect(await problem.becomes('new')).toMatchObject({ risk: { status: 'expired', chased: 3 } });
    const subjects = (await ops.subjects()).filter((subject) => subject.startsWith(`problem ${problem.number}`));
    expect(new Set(subjects.map((subject) => subject.split(': ').at(-1)))).toEqual(
      new Set(['its risk is accepted for a while yet', 'its risk is accepted no longer']),
    );
  });

  test('that is rejected leaves the problem open, and whoever answers for it hears so', async () => {
    const problem = await openProblem(ops);
    await problem.ask('dan', 'assign', { to: 'dan' });
    await ask(problem, 'ana');
    await vote(problem, 'ben', 'reject');

    expect((await problem.until(({ risk }) => risk?.status === 'refused')).status).toBe('new');
    await expect
      .poll(() => ops.mails())
      .toContainEqual({
        to: 'dan@example.org',
        subject: expect.stringContaining('nobody accepts its risk') as string,
      });
  });

  test('is asked about no longer once the problem is closed', async () => {
    const problem = await openProblem(ops);
    await ask(problem, 'ana');
    const { risk } = await problem.until(({ risk: asked }) => asked?.approval !== undefined);
    await problem.ask('dan', 'close', { resolution: 'cannot-reproduce', reason: 'gone since March' });
    await problem.becomes('closed');

    await expect.poll(async () => (await ops.stores.approvals.find(risk!.approval!))?.status).toBe('cancelled');
  });
});
