import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemWorkflowIdOf } from '../../../domain/identifiers.ts';
import { problemUpdates } from '../../../workflows/problem.messages.ts';
import { type Ops, startOps } from '../../support/ops.ts';
import { openProblem } from '../../support/problem.ts';
import { days } from '../../support/time.ts';
import { createForger, type Forger } from '../forger/world.ts';
import { sealed } from '../../../workers/payload-codec.ts';

let ops: Ops;
let problem: Awaited<ReturnType<typeof openProblem>>;
/** Somebody who has the key: what holds them back is the database alone. */
let insider: Forger;

beforeAll(async () => {
  ops = await startOps();
  problem = await openProblem(ops);
  const { taskQueue } = await handle().describe();
  insider = await createForger(ops, taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await insider.stop();
  await ops.stop();
});

const handle = () => ops.client.workflow.getHandle(problemWorkflowIdOf(problem.number));
const until = new Date(Date.now() + days(30)).toISOString();

describe('somebody who writes to Temporal', () => {
  test('changes no problem by an update that was never accepted', async () => {
    const { rev } = await problem.until(() => true);
    const why = { by: { type: 'person', name: 'ana' }, at: new Date().toISOString(), reason: 'x' };

    for (const [name, ask] of [
      [problemUpdates.close, { resolution: 'cannot-reproduce' }],
      [problemUpdates['accept-risk'], { until }],
    ] as const)
      await expect(
        insider.client.workflow
          .getHandle(problemWorkflowIdOf(problem.number))
          .executeUpdate(name, { args: [{ ...ask, ...why, command: crypto.randomUUID() }] }),
      ).rejects.toThrow(/Workflow Update failed/);

    expect((await problem.until(() => true)).rev).toBe(rev);
  });

  test('calls our activities from a workflow of their own, and is refused', async () => {
    const record = await problem.now();
    const { number, reference } = problem;

    for (const [activity, ...args] of [
      ['judgeFix', { number, since: until, at: Date.now() }],
      ['saveProblem', record, [], { runId: '{runId}', at: Date.now() }],
      ['reportCompletion', { belongsTo: reference }],
    ] as const)
      expect(await insider.call(`evil-${crypto.randomUUID()}`, activity, ...args)).toContain(
        `is not ${problemWorkflowIdOf(number)}`,
      );
  });

  test('asks nobody to accept a risk that nobody asked for', async () => {
    const reference = `problem/${problem.number + 1_000_000}`;
    const ask = { about: 'record', belongsTo: reference, revision: 1, attempt: 1, executors: [], at: Date.now() };

    const said = await insider.call(reference, 'openApproval', { ...ask, workflowId: reference });

    expect(said).toContain('there is no problem');
  });
});
