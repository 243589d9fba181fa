import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem } from '../../support/problem.ts';

/** Eva answers for another team; checkout is of team shop. */
let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

test('a known error says what helps with the services of those who publish it, and of nobody else', async () => {
  const problem = await openProblem(ops, { title: 'Ours', service: undefined, team: 'other' }, 'eva');
  await problem.ask('eva', 'assess', { impact: 3, urgency: 3 });
  await problem.ask('eva', 'assign', { to: 'eva' });
  await problem.ask('eva', 'claim', { text: 'Whatever' });
  const evidence = [{ text: 'seen' }];
  await problem.ask('eva', 'judge-claim', { claim: 1, status: 'supported', evidence, reason: 'seen' });
  await problem.until(({ claims }) => claims[0]?.status === 'supported');
  const publish = (services: string[]) =>
    problem.ask('eva', 'publish-known-error', {
      document: { signature: { titles: ['*'], services }, symptom: 'x', cause: 'y', workaround: 'Restart it' },
    });

  expect((await publish(['checkout'])).status).toBe(404);
  expect((await publish([])).status).toBe(200);
});
