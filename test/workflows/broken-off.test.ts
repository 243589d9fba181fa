import proto from '@temporalio/proto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { act } from '../support/company.ts';
import { askedIn } from '../support/id.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ steps: [act('one')], template: { approvalPolicy: 'second-person' } });
});
afterAll(() => ops.stop());

test('a plan whose workflow somebody terminated ends, asks nobody any more, and lets the next deployment through', async () => {
  const artifact = 'pkg:oci/checkout@sha256:cut-off';
  const plan = await ops.deploy(artifact);
  const { approval } = await plan.until((state) => state.approval?.status === 'open');
  const handle = ops.client.workflow.getHandle(plan.workflowId);
  const { taskQueue } = await handle.describe();
  await handle.terminate('by mistake');

  const told = await ops.as('cid')(
    'POST',
    '/v1/deployments',
    { service: 'checkout', environment: 'production', artifact },
    { 'idempotency-key': crypto.randomUUID() },
  );
  const row = String(told.body['accepted']);
  await expect.poll(async () => (await ops.stores.inbox.find(row))?.state).toBe('gap');
  expect((await ops.stores.inbox.find(row))?.verdict?.reason).toContain('its workflow has ended');

  await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });

  expect((await plan.becomes('failed')).outcome).toContain('its workflow was ended from outside (terminated)');
  expect((await ops.stores.approvals.find(askedIn(approval)))?.status).toBe('cancelled');
  await expect.poll(() => ops.subjects()).toContain('checkout in production: the plan broke off');
  expect((await ops.as('cid')('POST', `/v1/inbox/${row}/redeliver`)).status).toBe(202);
  await expect
    .poll(async () => (await ops.stores.inbox.find(row))?.verdict?.records?.[0], { timeout: 10_000 })
    .not.toBe(undefined);
  expect((await ops.stores.inbox.find(row))?.verdict?.records).not.toEqual([plan.id]);
});

test('a plan whose workflow was terminated before it had saved anything ends all the same', async () => {
  const { taskQueue } = await ops.client.workflow.getHandle((await ops.deploy()).workflowId).describe();
  let plan: Plan | undefined;
  await ops.restartWorker(async () => {
    plan = await ops.deploy('pkg:oci/checkout@sha256:cut-off-at-once');
    await ops.client.workflow.getHandle(plan.workflowId).terminate('by mistake');
  });

  await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });

  expect((await plan!.becomes('failed')).outcome).toContain('its workflow was ended from outside (terminated)');
  expect((await plan!.now()).trigger).toMatchObject({ artifact: 'pkg:oci/checkout@sha256:cut-off-at-once' });
});

describe('a run in whose place somebody else is', () => {
  const open = async (): Promise<Plan> => {
    const plan = await ops.deploy(`pkg:oci/checkout@sha256:${crypto.randomUUID()}`);
    await plan.until(({ approval }) => approval?.status === 'open');
    return plan;
  };

  test('breaks off when its id was taken beforehand: nothing is believed of it, and people hear of it', async () => {
    const plan = await open();
    const taken = `${plan.workflowId}/runbook/work/run-1`;
    await ops.client.workflow.start('nothing', { taskQueue: 'nobody', workflowId: taken });
    const before = ops.target.calls.length;

    await plan.vote('ana');

    const { activities } = await plan.until(({ activities: [work] }) => work?.status === 'undo-failed');
    expect(activities[0]?.detail).toBe('the run broke off: somebody else took its place');
    expect(ops.target.calls).toHaveLength(before);
    await expect.poll(() => ops.subjects()).toContain('checkout in production: an undo failed');
    await ops.client.workflow.getHandle(taken).terminate();
  });

  test('breaks off when somebody ends it with what it was asked', async () => {
    const release = ops.target.hold('POST /one');
    const plan = await open();
    await plan.vote('ana');
    await expect.poll(() => ops.target.calls.map(({ route }) => route)).toContain('POST /one');
    const handle = ops.client.workflow.getHandle(`${plan.workflowId}/runbook/work/run-1`);
    const { events } = await handle.fetchHistory();
    const { input } = events![0]!.workflowExecutionStartedEventAttributes!;
    // They poll for its tasks as a worker does; ours is not there for as long.
    const { taskQueue } = await handle.describe();
    const poll = { namespace: 'stories', taskQueue: { name: taskQueue }, identity: 'somebody' };
    await ops.restartWorker(async () => {
      await handle.signal('runTold');
      const service = ops.client.workflowService;
      for (;;) {
        const task = await ops.client.connection.withDeadline(Date.now() + 70_000, () =>
          service.pollWorkflowTaskQueue(poll),
        );
        const isOfRun = task.workflowExecution?.workflowId === handle.workflowId;
        if (!isOfRun) continue;
        await service.respondWorkflowTaskCompleted({
          namespace: 'stories',
          taskToken: task.taskToken,
          commands: [
            {
              commandType: proto.temporal.api.enums.v1.CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
              completeWorkflowExecutionCommandAttributes: { result: { payloads: [input!.payloads![0]!] } },
            },
          ],
        });
        return;
      }
    });
    release();

    const { activities } = await plan.until(({ activities: [work] }) => work?.status === 'undo-failed');
    expect(activities[0]?.detail).toBe('the run broke off: it did not say how it ended');
    // Its history does not replay: somebody else wrote the end of it.
    await sql`delete from workflow_run where workflow_id = ${handle.workflowId}`.execute(ops.db);
  });
});
