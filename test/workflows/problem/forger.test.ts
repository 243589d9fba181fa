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
      ['informIncidents', { number }],
      ['saveProblem', record, [], { runId: '{runId}', at: Date.now() }],
      ['reportCompletion', { belongsTo: reference }],
      ['reportStatus', { belongsTo: reference, number: 1, commands: [crypto.randomUUID()] }],
      ['openApproval', { about: 'record', belongsTo: reference, revision: 1, attempt: 1, executors: [] }],
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

  test('tells nobody that a workaround helps too seldom where it does not', async () => {
    const before = await ops.mails();

    expect(await insider.call(`evil-${crypto.randomUUID()}`, 'reviewKnownErrors', { number: problem.number })).toBe(
      'gave undefined',
    );

    expect(await ops.mails()).toEqual(before);
  });
});

describe('in the place of a problem whose workflow they have ended', () => {
  type Opened = Awaited<ReturnType<typeof openProblem>>;
  /** What comes of saving the problem otherwise, as its workflow would. */
  const takeOver = async (taken: Opened) => {
    const record = (await taken.now())!;
    const workflowId = problemWorkflowIdOf(taken.number);
    await ops.client.workflow.getHandle(workflowId).terminate();
    return (change: object): Promise<string> => {
      const rev = record.rev + 1;
      const entry = {
        key: `${workflowId}/${rev}`,
        at: new Date().toISOString(),
        actor: { type: 'person', name: 'ben' },
        action: 'problem.closed',
        subject: taken.reference,
        belongsTo: taken.reference,
      };
      return insider.call(workflowId, 'saveProblem', { ...record, rev, ...change }, [entry], {
        runId: '{runId}',
        at: Date.now(),
      });
    };
  };
  const closed = {
    status: 'closed',
    resolution: 'risk-accepted',
    outcome: 'accepted',
    endedAt: new Date().toISOString(),
  };

  test('they accept no risk that nobody has approved, nor for longer', async () => {
    const taken = await openProblem(ops, { title: 'A risk that is asked for' });
    await taken.ask('ana', 'accept-risk', { until, reason: 'rare' });
    const { risk } = await taken.until(({ risk: asked }) => asked?.approval !== undefined);
    const save = await takeOver(taken);
    const refused = `nobody has accepted the risk of problem ${taken.number}`;

    expect(await save({ ...closed, risk: { ...risk, status: 'accepted' } })).toContain(refused);
    expect(await save({ ...closed, risk: undefined })).toContain(refused);
    expect(await save({ risk: { ...risk, status: 'accepted' } })).toContain(refused);

    const { id, digest } = (await ops.stores.approvals.find(risk!.approval!))!;
    const decision = { decision: 'approve', digest, reason: 'as the story wants it' };
    expect((await ops.as('ben')('POST', `/v1/approvals/${id}/votes`, decision)).status).toBe(200);
    const by = `${problemWorkflowIdOf(taken.number)}/risk-1`;
    await insider.call(problemWorkflowIdOf(taken.number), 'passApproval', { id, by, at: Date.now() });
    const forEver = { ...risk, status: 'accepted', until: '2099-01-01T00:00:00.000Z' };
    expect(await save({ ...closed, risk: forEver })).toContain(refused);
    expect((await taken.now())?.status).toBe('new');
    expect(await save({ ...closed, risk: { ...risk, status: 'accepted' } })).toBe('gave undefined');
  });

  test('they save nothing that is no problem, nor another one', async () => {
    const save = await takeOver(await openProblem(ops, { title: 'Taken over' }));

    expect(await save({ status: 'unheard-of' })).toContain('is no problem');
    expect(await save({ tasks: 'none' })).toContain('is no problem');
    for (const other of [{ team: 'ledger' }, { privateTo: ['eva'] }, { openedBy: { type: 'person', name: 'eva' } }])
      expect(await save(other)).toContain('was opened for something else');
    expect((await ops.as('dan')('GET', '/v1/problems')).status).toBe(200);
  });
});
