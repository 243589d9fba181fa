import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCallInterceptor } from '../../workers/call-interceptor.ts';
import { bundling } from '../../workers/workflow-bundle.ts';
import { sealed } from '../../workers/payload-codec.ts';
import { createActivities, createRecordKinds } from '../../activities/index.ts';
import { createApp } from '../../api/app.ts';
import { tagged } from '../../api/operation.ts';
import { recordViews } from '../../api/routes/record-views.ts';
import { operationsOf } from '../../api/routes/index.ts';
import { serve } from '../../api/server.ts';
import { checkExport } from '../../cli/audit/check.ts';
import { append, boundTo } from '../../storage/ledger.ts';
import { openRecord } from '../../storage/record.ts';
import { recordUpdates } from '../../workflows/record.messages.ts';
import { act } from '../support/company.ts';
import { resigned } from '../support/export.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { temporalConnection } from '../support/temporal.ts';
import { createDrillActivities, createDrillKind } from './drill.activities.ts';
import { drillOperations, drillView } from './drill.api.ts';
import { drillReference, drillUpdates, drillWorkflowIdOf } from './drill.messages.ts';
import type { DrillInput } from './drill.ts';

let ops: Ops;
let url: string;
let stop: () => Promise<void>;
const taskQueue = `drills-${crypto.randomUUID()}`;

beforeAll(async () => {
  const look = { name: 'look', kind: 'task' as const, title: 'Look', assignee: { team: 'shop' } };
  const updates = { ...recordUpdates, drill: Object.values(drillUpdates) };
  ops = await startOps({ runbooks: { drill: [act('ring', { undo: undefined }), look] } }, {}, updates);
  const { world, db } = ops;
  const kinds = { ...createRecordKinds(world), drill: createDrillKind(db, world) };
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-drill-'));
  const bundlePath = join(folder, 'workflows.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('drill.workflow.ts', import.meta.url)),
    ...bundling,
  });
  writeFileSync(bundlePath, code);
  const connection = await NativeConnection.connect(temporalConnection());
  const worker = await Worker.create({
    connection,
    namespace: 'stories',
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    dataConverter: sealed(ops.keys),
    interceptors: { activity: [createCallInterceptor] },
    activities: { ...createActivities(world, kinds), ...createDrillActivities(db, kinds) },
  });
  const ended = worker.run();
  const context = { ...ops.context, views: { ...recordViews, drill: drillView } };
  const operations = [...operationsOf(context), ...tagged('drills', drillOperations(context))];
  const server = await serve(createApp(context, { isSecure: false }, operations), { host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = async () => {
    server.close();
    server.closeAllConnections();
    worker.shutdown();
    await ended;
    await connection.close();
    await ops.stop(bundlePath);
    rmSync(folder, { recursive: true });
  };
});
afterAll(() => stop());

const ask = async (person: string, method: string, path: string, body?: object) => {
  const headers = { authorization: `Bearer ${await ops.token(person)}`, 'content-type': 'application/json' };
  const reply = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> & { items: Found[] } };
};
type Found = { id: string; digest: string; reference: string; status: string; action: string };

const openDrill = async (id: string) => {
  const [reference, workflowId] = [drillReference(id), drillWorkflowIdOf(id)];
  const catalogueRevision = await ops.stores.catalogue.revision();
  const where = { service: 'checkout', environment: 'production', team: 'shop', requester: 'cid' };
  const input: DrillInput = { id, workflowId, ...where, catalogueRevision };
  await ops.db.transaction().execute(async (tx) => {
    await openRecord(tx, { reference, workflowId, team: 'shop', status: 'planned' });
    const actor = { type: 'person', name: 'cid' } as const;
    const entry = {
      key: `${reference}/accepted`,
      at: new Date().toISOString(),
      actor,
      action: 'drill.accepted',
    } as const;
    await append(tx, boundTo(input, [{ ...entry, subject: reference, belongsTo: reference }]));
  });
  await ops.client.workflow.start('runDrill', { workflowId, taskQueue, args: [input] });
  return { reference, workflowId };
};

const openApproval = async (reference: string): Promise<Found> => {
  const find = async () => (await ask('ana', 'GET', `/v1/approvals?belongsTo=${reference}&status=open`)).body.items[0];
  await expect.poll(find).toBeDefined();
  return (await find())!;
};

test('a kind of record is its record, its rules, its workflow and an entry in each table', async () => {
  const { reference, workflowId } = await openDrill('d-1');

  const { id: approval, digest } = await openApproval(reference);
  expect((await ask('cid', 'POST', '/v1/drills/d-1/note', { text: 'everybody is there' })).status).toBe(200);
  const own = await ask('cid', 'POST', `/v1/approvals/${approval}/votes`, { decision: 'approve', digest });
  expect(own.status).toBe(403);
  expect(ops.target.calls).toEqual([]);
  await ask('ana', 'POST', `/v1/approvals/${approval}/votes`, { decision: 'approve', digest });
  const openTask = async () => (await ask('ana', 'GET', `/v1/tasks?belongsTo=${reference}`)).body.items[0]?.id;
  await expect.poll(openTask).toBeDefined();
  expect(ops.target.calls.map(({ route }) => route)).toEqual(['POST /ring']);
  expect((await ask('ana', 'POST', `/v1/tasks/${await openTask()}/complete`, {})).status).toBe(200);
  await ops.client.workflow.getHandle(workflowId).result();

  const { body: listed } = await ask('ana', 'GET', '/v1/drills');
  expect(listed.items).toEqual([{ reference, status: 'completed' }]);
  expect(await ops.subjects()).toEqual(
    expect.arrayContaining(['the drill of checkout: a status report is due', 'Drill d-1: completed']),
  );
  const { body: audit } = await ask('ana', 'GET', '/v1/drills/d-1/audit');
  expect(audit.items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['drill.accepted', 'drill.noted', 'approval.vote-approve', 'step.done', 'drill.completed']),
  );
});

test('its export is verified without a server, and tells what was changed', async () => {
  await ops.client.workflow.execute('archiveHistories', { workflowId: crypto.randomUUID(), taskQueue });
  const { body } = await ask('ana', 'GET', '/v1/drills/d-1/export');
  const file = { ...body, checkpoints: [] } as unknown as { state: { notes: string[] }; histories: unknown[] };

  expect(checkExport(resigned(file)).problems).toEqual([]);
  expect(file.histories).toHaveLength(2);
  file.state.notes = ['nobody was there'];
  expect(checkExport(resigned(file)).problems).toEqual([expect.stringMatching(/^state: .*not as the ledger has it$/)]);
});

test('what its rules refuse is refused, and a drill of another team is not there', async () => {
  const { reference, workflowId } = await openDrill('d-2');
  await openApproval(reference);
  expect((await ask('cid', 'POST', '/v1/drills/d-2/cancel', { reason: 'too busy' })).status).toBe(200);
  await ops.client.workflow.getHandle(workflowId).result();

  expect((await ask('cid', 'POST', '/v1/drills/d-2/cancel', { reason: 'again' })).status).toBe(409);
  expect((await ask('eva', 'GET', '/v1/drills/d-2/audit')).status).toBe(404);
});

test('every table has an entry for every kind', () => {
  expect(Object.keys(createRecordKinds(ops.world))).toEqual(Object.keys(recordViews));
});
