import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Payload } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { openHistory } from '../../workers/history-json.ts';
import { approvalDecided } from '../../workflows/approval.messages.ts';
import { deploymentsReported, planUpdates } from '../../workflows/operation-plan.messages.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { capturing, createForger, type Forger } from './forger/world.ts';

let ops: Ops;
let plan: Plan;
let forger: Forger;
let taskQueue: string;
/** What the forger has seen of the histories of other plans, as bytes. */
const captured: Payload[] = [];
const artifact = `pkg:oci/secretive@sha256:${crypto.randomUUID()}`;
beforeAll(async () => {
  ops = await startOps({ template: { approvalPolicy: 'second-person' } });
  plan = await ops.deploy(artifact);
  await plan.vote('ana', 'approve', { reason: 'unheard-of words' });
  await plan.becomes('completed');
  ({ taskQueue } = await ops.client.workflow.getHandle(plan.workflowId).describe());
  forger = await createForger(ops, taskQueue, { payloadCodecs: [capturing(captured)] }, (_, args) => args);
});
afterAll(async () => {
  await forger.stop();
  await ops.stop();
});

interface Event {
  eventType?: string;
  [attributes: string]: unknown;
}

const rawHistory = async (workflowId: string): Promise<string> =>
  historyToJSON(await ops.client.workflow.getHandle(workflowId).fetchHistory());

const eventsOf = async (workflowId: string): Promise<Event[]> =>
  (JSON.parse(await rawHistory(workflowId)) as { events: Event[] }).events;

const opened = (json: string, workflowId: string): string =>
  openHistory(json, ops.keys, { namespace: 'stories', workflowId });

/** Every text that base64 may hide is looked through as well. */
const readable = (json: string): string =>
  json.replaceAll(
    /"([A-Za-z0-9+/]{8,}={0,2})"/g,
    (text, base64: string) => `${text}${Buffer.from(base64, 'base64').toString('latin1')}`,
  );

/** The payloads of the first event with these attributes, as whoever reads Temporal has them. */
const payloadsOf = (events: readonly Event[], attributes: string): Payload[] => {
  const found = events.find((event) => event[attributes] !== undefined)?.[attributes] as {
    input?: { payloads: { metadata: Record<string, string>; data: string }[] };
  };
  return (found.input?.payloads ?? []).map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
    data: Buffer.from(data, 'base64'),
  }));
};

/** Puts payloads in the forger's hands; the words by which they name them. */
const capture = (payloads: readonly Payload[]): { captured: number }[] =>
  payloads.map((payload) => ({ captured: captured.push(payload) - 1 }));

const waiting = async (): Promise<Plan> => {
  const next = await ops.deploy();
  await next.until(({ approval }) => approval?.status === 'open');
  return next;
};

test('histories hold nothing readable of what people said and what is done; opened, they hold all of it', async () => {
  const runs = await plan.runs();
  for (const workflowId of [plan.workflowId, ...runs.map((run) => run.workflowId)]) {
    const raw = await rawHistory(workflowId);

    for (const word of [artifact, 'unheard-of words', '"ana"', 'second-person', ops.target.url])
      expect(readable(raw)).not.toContain(word);
    expect(opened(raw, workflowId)).not.toContain(Buffer.from('bound-to').toString('base64'));
    expect(opened(raw, workflowId)).not.toContain('"bound-to"');
  }
  expect(readable(opened(await rawHistory(plan.workflowId), plan.workflowId))).toContain(artifact);
});

test('a message that we did not seal is refused or not heard, and the plan goes on', async () => {
  const { workflowId, ...story } = await waiting();
  const handle = forger.client.workflow.getHandle(workflowId);
  const ask = { by: { type: 'person', name: 'ana' }, at: new Date().toISOString(), reason: 'forged' };

  for (const update of Object.values(planUpdates))
    await expect(handle.executeUpdate(update, { args: [ask] })).rejects.toThrow(/Workflow Update failed/);
  await expect(handle.executeUpdate('unknownUpdate', { args: [ask] })).rejects.toThrow(/Workflow Update failed/);
  for (const signal of [approvalDecided, deploymentsReported, 'unknownSignal']) {
    await handle.signal(signal);
    await handle.signal(signal, { batchId: 'x', facts: [{ change: 'rolled-back', artifact: 'x', source: 'x' }] });
    await handle.signal(signal, null, 'two', 3);
  }

  expect((await story.now()).status).toBe('awaiting-approval');
  await story.vote('ana');
  const { deviations } = await story.becomes('completed');
  expect(deviations).toEqual([]);
});

test('whoever calls our activities without the key is refused, under whichever workflow id', async () => {
  const before = ops.target.calls.length;
  const reference = { belongsTo: plan.reference, revision: 1, activity: 'work', step: 'one', round: 1, attempt: 1 };
  const asRun = `${plan.workflowId}/runbook/work/run-1`;

  for (const [workflowId, activity, ask] of [
    [asRun, 'runStep', { ...reference, purpose: 'run', workflowId: asRun }],
    [
      plan.workflowId,
      'releaseEnvironment',
      { belongsTo: plan.reference, environment: 'production', activity: 'work', at: 1 },
    ],
    [plan.workflowId, 'reportCompletion', { belongsTo: plan.reference }],
  ] as const)
    expect(await forger.call(workflowId, activity, ask)).toContain('Activity task failed');
  expect(ops.target.calls).toHaveLength(before);
});

test('a payload that was captured opens nowhere but where it was meant for', async () => {
  const [events, other] = [await eventsOf(plan.workflowId), await waiting()];
  const runEvents = await eventsOf(`${plan.workflowId}/runbook/work/run-1`);
  const before = ops.target.calls.length;
  const begin = capture(payloadsOf(events, 'workflowExecutionStartedEventAttributes'));
  const step = capture(payloadsOf(runEvents, 'activityTaskScheduledEventAttributes'));

  // The step of one run in the name of another, and as what it was not.
  expect(await forger.call(`${other.workflowId}/runbook/work/run-1`, 'runStep', ...step)).toContain('failed');
  expect(await forger.call(plan.workflowId, 'runStep', ...step)).toContain('failed');
  expect(await forger.call(plan.workflowId, 'reportCompletion', ...begin)).toContain('failed');
  await expect(
    forger.client.workflow.getHandle(other.workflowId).executeUpdate(planUpdates.pause, { args: begin as [] }),
  ).rejects.toThrow(/Workflow Update failed/);
  expect(ops.target.calls).toHaveLength(before);
  expect((await other.now()).paused).toBe(false);
  await other.ask('cid', 'cancel', { reason: 'the story ends' });
});

test('a command that was captured is not carried out a second time', async () => {
  const paused = await waiting();
  await paused.ask('cid', 'pause', { reason: 'once' });
  await paused.until((now) => now.paused);
  await paused.ask('cid', 'resume', { reason: 'on with it' });
  await paused.until((now) => !now.paused);
  const accepted = (await eventsOf(paused.workflowId)).flatMap(
    (event) =>
      (event['workflowExecutionUpdateAcceptedEventAttributes'] as { acceptedRequest?: { input?: object } } | undefined)
        ?.acceptedRequest?.input ?? [],
  );
  const args = capture(payloadsOf([{ it: { input: (accepted[0] as { args: unknown }).args } }], 'it'));

  await expect(
    forger.client.workflow.getHandle(paused.workflowId).executeUpdate(planUpdates.pause, { args: args as [] }),
  ).rejects.toThrow(/Workflow Update failed/);

  expect((await paused.now()).paused).toBe(false);
  await paused.ask('cid', 'cancel', { reason: 'the story ends' });
});

test('a plan that was started again with what had started it does nothing twice', async () => {
  const begin = capture(payloadsOf(await eventsOf(plan.workflowId), 'workflowExecutionStartedEventAttributes'));
  const before = ops.target.calls.length;
  const record = await plan.now();

  const again = await forger.client.workflow.start('runOperationPlan', {
    taskQueue,
    workflowId: plan.workflowId,
    args: begin,
  });
  await expect(again.result()).rejects.toThrow(/Workflow execution failed/);

  expect(await plan.now()).toEqual(record);
  expect(ops.target.calls).toHaveLength(before);
});

test('the codec opens payloads for auditors and the first admin, and for nobody else', async () => {
  const { id, workflowId, ask } = await waiting();
  const { payloads } = (
    (await eventsOf(workflowId))[0]!['workflowExecutionStartedEventAttributes'] as {
      input: { payloads: { metadata: object; data: string }[] };
    }
  ).input;
  const foreign = { metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data: 'e30=' };

  const { status, body } = await ops.as('admin')('POST', '/v1/codec/decode', { payloads: [...payloads, foreign] });
  const refused = await ops.as('cid')('POST', '/v1/codec/decode', { payloads });

  expect(status).toBe(200);
  const [begin, unchanged] = body['payloads'] as { data: string }[];
  expect(JSON.parse(Buffer.from(begin!.data, 'base64').toString())).toMatchObject({ id });
  expect(unchanged).toEqual(foreign);
  expect(refused.status).toBe(403);
  await ask('cid', 'cancel', { reason: 'the story ends' });
});
