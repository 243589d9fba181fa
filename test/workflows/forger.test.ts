import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act } from '../support/company.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { sealed } from '../../workers/payload-codec.ts';
import { createForger, type Forger } from './forger/world.ts';
import { approvalId } from '../support/id.ts';

let ops: Ops;
let plan: Plan;
let taskQueue: string;
let forger: Forger;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
  plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  ({ taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe());
  // They have the key: what holds them back is the database alone.
  forger = await createForger(ops, taskQueue, sealed(ops.keys));
});
afterAll(async () => {
  await forger.stop();
  await ops.stop();
});

const forge = (activity: string, ...args: unknown[]): Promise<string> =>
  forgeAs(`evil-${crypto.randomUUID()}`, activity, ...args);

/** The same under a workflow id that looks like one of the product. */
const forgeAs = (workflowId: string, activity: string, ...args: unknown[]): Promise<string> =>
  forger.call(workflowId, activity, ...args);

test('asks no approval in the name of a plan, with other executors', async () => {
  const { revision } = await plan.now();
  const ask = { about: 'record', belongsTo: plan.reference, revision, attempt: 2, executors: [], at: Date.now() };

  expect(await forge('openApproval', { ...ask, workflowId: plan.workflowId })).toContain('is not operation-plan/');
  expect(await ops.stores.approvals.find(approvalId(`plan.${plan.id}.approval.2`))).toBeUndefined();
});

test('has no say in the plan under the id of a run, and borrows no review of another plan', async () => {
  const run = `${plan.workflowId}/runbook/x/run-1`;
  const yesterday = Date.now() - 86_400_000;
  const wish = { belongsTo: plan.reference, environment: 'production', activity: 'work' };

  for (const [activity, ask] of [
    ['assessReadiness', { plan: plan.id, rev: 99, at: yesterday }],
    ['planOperation', { plan: plan.id, review: `${plan.id}.review.1`, revision: 9, dropped: [] }],
    ['startPlan', { plan: plan.id, revision: 1, digest: 'd', at: yesterday }],
    ['releaseEnvironment', wish],
    [
      'announceRun',
      { belongsTo: plan.reference, revision: 1, activity: 'work', kind: 'run', number: 1, purpose: 'run' },
    ],
  ] as const)
    expect(await forgeAs(run, activity, ask)).toContain(`${run} is not ${plan.workflowId}`);
  const borrowed = { plan: plan.id, review: 'another.production.0123456789abcdef.review.1', revision: 9, dropped: [] };
  const gone = await ops.deploy();
  await gone.until(({ approval }) => approval?.status === 'open');
  await ops.client.workflow.getHandle(gone.workflowId).terminate();
  expect(await forgeAs(gone.workflowId, 'planOperation', { ...borrowed, plan: gone.id })).toContain(
    'there is no review',
  );
  expect(
    await forgeAs(gone.workflowId, 'planOperation', { ...borrowed, plan: gone.id, review: `${plan.id}.review.1` }),
  ).toContain('there is no review');
});

test('runs nothing under the id of a run that the plan has not announced', async () => {
  await ops.apply({
    runbooks: { first: [{ name: 'long', kind: 'wait', for: '2h' }], second: [act('boom')] },
    template: {
      activities: [
        { name: 'first', runbook: 'first' },
        { name: 'second', runbook: 'second', after: ['first'] },
      ],
    },
  });
  const running = await ops.deploy();
  await running.becomes('running');
  const reference = {
    belongsTo: running.reference,
    revision: 1,
    activity: 'second',
    step: 'boom',
    round: 1,
    attempt: 1,
  };
  const runAs = (workflowId: string): Promise<string> =>
    forgeAs(workflowId, 'runStep', { ...reference, purpose: 'run', workflowId });

  expect(await runAs(`${running.workflowId}/runbook/second/run-1`)).toContain('is no run of');
  expect(await runAs(`${running.workflowId}/runbook/second/undo-1`)).toContain('is no run of');
  expect(ops.target.calls.filter(({ route }) => route === 'POST /boom')).toEqual([]);
  await running.ask('cid', 'cancel', { reason: 'the story ends' });
  await ops.apply({ template: { approvalPolicy: 'second-person' } });
});

test('runs no step and undoes none', async () => {
  await plan.vote('ana');
  await plan.becomes('completed');
  const before = ops.target.calls.length;
  const reference = {
    belongsTo: plan.reference,
    revision: 1,
    activity: 'work',
    step: 'one',
    round: 1,
    workflowId: `${plan.workflowId}/runbook/work/run-1`,
  };

  expect(await forge('runStep', { ...reference, purpose: 'run', attempt: 1 })).toContain('is not operation-plan/');
  expect(await forge('runStep', { ...reference, purpose: 'undo', attempt: 1 })).toContain('is not operation-plan/');
  expect(await forge('undoStep', { ...reference, purpose: 'run', undoRound: 1 })).toContain('is not operation-plan/');
  expect(ops.target.calls).toHaveLength(before);
});

test('writes nothing into the ledger and over no task, whether of itself or of a plan', async () => {
  const record = await plan.now();
  const entry = {
    key: `${plan.workflowId}/999`,
    at: new Date().toISOString(),
    actor: { type: 'person', name: 'ana' },
    action: 'approval.vote-approve',
    subject: `plan/${plan.id}`,
    belongsTo: plan.reference,
  };

  expect(await forge('savePlan', record, [entry], { runId: 'r', at: Date.now() })).toContain('is not operation-plan/');
  expect(
    await forge('notifyPeople', {
      key: 'k',
      belongsTo: plan.reference,
      to: { team: 'shop' },
      notice: { reason: 'still-paused' },
    }),
  ).toContain('does not act for plan/');
  const { rows } = await sql`select 1 from ledger_entry where key = ${entry.key}`.execute(ops.db);
  expect(rows).toEqual([]);
});
