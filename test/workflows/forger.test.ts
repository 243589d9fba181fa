import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Ops, type Plan, startOps } from '../support/ops.ts';

let ops: Ops;
let plan: Plan;
let taskQueue: string;
let connection: NativeConnection;
let worker: Worker;
let ended: Promise<void>;
const forgers = `forgers-${crypto.randomUUID()}`;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
  plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  ({ taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe());
  connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  worker = await Worker.create({
    connection,
    namespace: 'stories',
    taskQueue: forgers,
    workflowsPath: fileURLToPath(new URL('forger/index.ts', import.meta.url)),
  });
  ended = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await ended;
  await connection.close();
  await ops.stop();
});

const forge = async (activity: string, ...args: unknown[]): Promise<string> => {
  const workflowId = `evil-${crypto.randomUUID()}`;
  return ops.client.workflow
    .execute('forge', { taskQueue: forgers, workflowId, args: [taskQueue, activity, args] })
    .then(
      (result) => `gave ${JSON.stringify(result)}`,
      (error: unknown) => messagesOf(error).join(' | '),
    );
};

const messagesOf = (error: unknown): string[] =>
  error instanceof Error ? [error.message, ...messagesOf(error.cause)] : [];

test('asks no approval in the name of a plan, with other executors', async () => {
  const { revision } = await plan.now();
  const ask = { subject: 'plan', plan: plan.id, revision, attempt: 2, executors: [], at: Date.now() };

  expect(await forge('openApproval', { ...ask, workflowId: plan.workflowId })).toContain('does not act for plan');
  expect(await ops.stores.approvals.find(`${plan.id}.approval.2`)).toBeUndefined();
});

test('runs no step and takes none back', async () => {
  await plan.vote('ana');
  await plan.becomes('completed');
  const before = ops.target.calls.length;
  const reference = {
    plan: plan.id,
    revision: 1,
    activity: 'work',
    step: 'one',
    round: 1,
    workflowId: `${plan.workflowId}/runbook/work/run-1`,
  };

  expect(await forge('runStep', { ...reference, purpose: 'run', attempt: 1 })).toContain('"outcome":"failed"');
  expect(await forge('runStep', { ...reference, purpose: 'undo', attempt: 1 })).toContain('"outcome":"failed"');
  expect(await forge('undoStep', { ...reference, purpose: 'run', undoRound: 1 })).toContain('"outcome":"failed"');
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
    plan: plan.id,
  };

  expect(await forge('savePlan', record, [entry], 'r')).toContain('is not operation-plan/');
  expect(
    await forge('notifyPeople', { key: 'k', plan: plan.id, to: { team: 'shop' }, subject: 's', text: 't' }),
  ).toContain('does not act for plan');
  const { rows } = await sql`select 1 from ledger_entry where key = ${entry.key}`.execute(ops.db);
  expect(rows).toEqual([]);
});
