import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSweeper } from '../../workers/sweeper.ts';
import { planUpdates } from '../../workflows/operation-plan.messages.ts';
import { act } from '../support/company.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';

let ops: Ops;
let stopSweeper: () => Promise<void>;
beforeAll(async () => {
  ops = await startOps({ template: {}, steps: [act('one')] });
  const sweeper = startSweeper(ops.client, ops.keys, ops.stores.stalls, ops.world, pino({ level: 'silent' }), 300);
  stopSweeper = () => sweeper.stop();
});
afterAll(async () => {
  await stopSweeper();
  await ops.stop();
});

/** Answers in the place of our worker whatever activity is under way, as often as it is asked for. */
const answerFalsely = async (workflowId: string, times: number): Promise<void> => {
  const handle = ops.client.workflow.getHandle(workflowId);
  for (let answered = 0; answered < times;) {
    const { raw, runId } = await handle.describe();
    const [pending] = raw.pendingActivities ?? [];
    if (pending?.activityId)
      await ops.client.workflowService
        .respondActivityTaskCompletedById({
          namespace: 'stories',
          workflowId,
          runId,
          activityId: pending.activityId,
          result: {
            payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"verdict":"ready"}') }],
          },
        })
        .then(() => (answered += 1));
    await sleep(50);
  }
};

const readiness = async () => {
  const { body } = await ops.as('vic')('GET', '/readyz');
  return [body['status'], String(body['reasons'])];
};
const stallsOf = async (workflowId: string) =>
  (await ops.stores.stalls.list({})).filter((stall) => stall.workflowId === workflowId);

test('what somebody answers in the place of our worker is asked again; when that never ends, people are told and an operator takes it back', async () => {
  const release = ops.target.hold('GET /health');
  const plan = await ops.deploy();
  await answerFalsely(plan.workflowId, 3);

  await expect
    .poll(() => stallsOf(plan.workflowId), { timeout: 45_000 })
    .toMatchObject([
      {
        what: 'workflow',
        belongsTo: plan.reference,
        reason: 'an answer to assessReadiness was not sealed for this call',
      },
    ]);
  expect(await readiness()).toEqual(['degraded', expect.stringContaining('1 workflows and 0 activities')]);
  expect(await ops.subjects()).toContain('checkout in production: is stuck');
  expect((await ops.as('vic')('GET', `/v1/operation-plans/${plan.id}`)).body['stalls']).toHaveLength(1);
  const metrics = await (
    await fetch(`${ops.url}/metrics`, { headers: { authorization: `Bearer ${await ops.token('admin')}` } })
  ).text();
  expect(metrics).toContain('evenkeel_stalls{of="workflows"} 1');

  release();
  const ask = { workflowId: plan.workflowId, reason: 'an answer came from somebody else' };
  expect((await ops.as('cid')('POST', '/v1/stalls/repair', ask)).status).toBe(403);
  const repaired = await ops.as('admin')('POST', '/v1/stalls/repair', ask);

  expect(repaired.status).toBe(200);
  await plan.becomes('completed');
  expect(await stallsOf(plan.workflowId)).toEqual([]);
  const { rows } = await sql<{ body: string }>`select body from ledger_entry where action = 'history.reset'`.execute(
    ops.db,
  );
  expect(rows.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
    { belongsTo: plan.reference, reason: ask.reason },
  ]);
  expect((await ops.as('admin')('POST', '/v1/stalls/repair', ask)).status).toBe(409);
  const unknown = await ops.as('admin')('POST', '/v1/stalls/repair', { ...ask, workflowId: 'nobody' });
  expect([unknown.status, unknown.body.detail]).toEqual([404, 'Temporal has no workflow nobody']);
}, 90_000);

test('a failure that somebody tells in the place of our worker is none: the step is asked about again', async () => {
  const release = ops.target.hold('POST /one');
  const plan = await ops.deploy();
  const workflowId = `${plan.workflowId}/runbook/work/run-1`;
  await plan.becomes('running');
  const handle = ops.client.workflow.getHandle(workflowId);
  const pending = async () => (await handle.describe()).raw.pendingActivities?.[0]?.activityId;
  await expect.poll(pending).toBeTruthy();
  await ops.client.workflowService.respondActivityTaskFailedById({
    namespace: 'stories',
    workflowId,
    activityId: (await pending())!,
    failure: { message: 'Send your password', applicationFailureInfo: { type: 'DomainError', nonRetryable: true } },
  });
  release();

  const { outcome } = await plan.becomes('completed');
  expect(outcome).toBe('all activities are done');
  expect(JSON.stringify(await plan.runs())).not.toContain('Send your password');
});

test('an activity that meets something unexpected is told of after some tries, and forgotten once it works', async () => {
  await ops.apply({ steps: [act('one')], template: { approvalPolicy: 'second-person' } });
  await sql`alter table approval rename to approval_hidden`.execute(ops.db);
  const plan = await ops.deploy();
  await expect
    .poll(() => stallsOf(plan.workflowId), { timeout: 30_000 })
    .toMatchObject([{ what: 'openApproval', reason: expect.stringContaining('"approval" does not exist') }]);
  expect(await readiness()).toEqual(['degraded', expect.stringContaining('1 activities')]);

  await sql`alter table approval_hidden rename to approval`.execute(ops.db);
  await plan.until(({ approval }) => approval?.status === 'open');
  await expect.poll(() => stallsOf(plan.workflowId)).toEqual([]);
  await plan.ask('cid', 'cancel', { reason: 'the story ends' });
  await plan.becomes('cancelled');
  await ops.apply({ steps: [act('one')], template: {} });
}, 60_000);

test('a message that cannot be read is refused or not heard, though it is sealed', async () => {
  const release = ops.target.hold('POST /one');
  const plan = await ops.deploy();
  await plan.becomes('running');
  const handle = ops.client.workflow.getHandle(plan.workflowId);
  const odd = [
    undefined,
    null,
    0,
    'text',
    [],
    {},
    { by: 1 },
    { by: { type: 'person' } },
    { batchId: 'x' },
    { batchId: 'x', facts: [null] },
  ];

  for (const message of odd) {
    for (const signal of ['deploymentsReported', 'approvalDecided', 'readinessChanged', 'unheardOf'])
      await handle.signal(signal, message);
    for (const update of [...Object.values(planUpdates), 'unheardOf'])
      await expect(handle.executeUpdate(update, { args: [message] as unknown as [] })).rejects.toThrow(
        'Workflow Update failed',
      );
    await ops.client.workflow.getHandle(`${plan.workflowId}/runbook/work/run-1`).signal('runTold', message);
  }
  await handle.signal('deploymentsReported');
  release();
  await plan.becomes('completed');
});

test('a record that cannot be read takes no list down: the others are shown, and it is counted', async () => {
  const plan = await ops.deploy();
  await plan.becomes('completed');
  await sql`update record set state = jsonb_set(state, '{status}', '"unheard-of"') where reference = ${plan.reference}`.execute(
    ops.db,
  );

  const { status, body } = await ops.as('vic')('GET', '/v1/operation-plans');

  expect(status).toBe(200);
  expect(body['unreadable']).toBe(1);
  expect(body.items.length).toBeGreaterThan(0);
  expect(body.items.map(({ id }) => id)).not.toContain(plan.id);
  const shown = await ops.as('vic')('GET', `/v1/operation-plans/${plan.id}`);
  expect([shown.status, shown.body.detail]).toEqual([500, expect.stringContaining(`${plan.reference} cannot be read`)]);
  await sql`update record set state = jsonb_set(state, '{status}', '"completed"') where reference = ${plan.reference}`.execute(
    ops.db,
  );
});

test('a plan whose place somebody took with a workflow that never ends does not stay open', async () => {
  await ops.apply({ steps: [act('one')], template: { approvalPolicy: 'second-person' } });
  const plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  const { taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  await ops.client.workflow.getHandle(plan.workflowId).terminate();
  await ops.client.workflow.start('nothing', { taskQueue: 'nobody', workflowId: plan.workflowId });

  await sql`update record set updated_at = now() - interval '2 minutes'`.execute(ops.db);
  await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });

  expect((await plan.becomes('failed')).outcome).toContain('was ended from outside');
  await ops.client.workflow.getHandle(plan.workflowId).terminate();
});

test('a plan whose workflow somebody completed in its place does not stay open', async () => {
  await ops.apply({ steps: [act('one')], template: { approvalPolicy: 'second-person' } });
  const plan: Plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
  const { taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe();
  await ops.client.workflow.getHandle(plan.workflowId).terminate();
  await ops.client.workflow.execute('archiveHistories', { taskQueue, workflowId: plan.workflowId });

  await sql`update record set updated_at = now() - interval '2 minutes'`.execute(ops.db);
  await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });

  expect((await plan.becomes('failed')).outcome).toContain('was ended from outside (completed)');
});
