import { setTimeout as sleep } from 'node:timers/promises';
import type { Payload, ProtoFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPayloadCodec } from '../../workers/payload-codec.ts';
import { act } from '../support/company.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({ template: {}, steps: [act('one')] });
});
afterAll(() => ops.stop());

/** Temporal says how an activity ended, as whoever has a certificate may have it say. */
type Told = { result: Payload } | { nothing: true } | { failure: ProtoFailure };

interface Under {
  workflowId: string;
  activityId: string;
  /** What the workflow asked, as Temporal keeps it. */
  input: Payload[];
  /** Seals as our worker does for this activity: what it gave before is all that a stranger has of these. */
  seal(value: unknown): Promise<Payload>;
}

const plain = (value: unknown): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
});

/** The id of an ask, which a stranger does not know; it is in the failure that they captured. */
const idOf = async ([payload]: Payload[]): Promise<string> => {
  const bound = Buffer.from(payload!.metadata!['bound-to']!).toString();
  const [type, namespace, workflowId, activityId] = JSON.parse(bound) as ['activity', string, string, string];
  const context = { type, namespace, workflowId, activityId, isLocal: false };
  const [opened] = await createPayloadCodec(ops.keys).decode([payload!], context);
  return (JSON.parse(Buffer.from(opened!.data!).toString()) as { id: string }).id;
};

const strangers: [string, (under: Under) => Promise<Told>][] = [
  [
    'what another activity of the same id gave in an earlier run is no answer',
    async ({ seal }) => ({
      result: await seal({ to: crypto.randomUUID(), result: { outcome: 'failed', detail: 'before' } }),
    }),
  ],
  ['what was asked is no answer', async ({ input }) => ({ result: input[0]! })],
  ['nothing is no answer', async () => ({ nothing: true })],
  ['null is no answer', async () => ({ result: plain(null) })],
  [
    'a refusal of another ask is none',
    async ({ seal }) => ({
      failure: {
        applicationFailureInfo: {
          type: 'DomainError',
          nonRetryable: true,
          details: { payloads: [await seal({ to: crypto.randomUUID(), type: 'DomainError' })] },
        },
        encodedAttributes: await seal({ message: 'refused before', stack_trace: '' }),
      },
    }),
  ],
  [
    'a fault of this very ask that somebody calls a refusal is none',
    async ({ input, seal }) => {
      const ask = await idOf(input);
      return {
        failure: {
          applicationFailureInfo: {
            type: 'DomainError',
            nonRetryable: true,
            details: { payloads: [await seal({ to: ask, type: 'Error' })] },
          },
          encodedAttributes: await seal({ message: 'the database was away', stack_trace: '' }),
        },
      };
    },
  ],
  [
    'a fault that somebody declares final is tried again',
    async ({ input, seal }) => ({
      failure: {
        applicationFailureInfo: {
          type: 'Error',
          nonRetryable: true,
          details: { payloads: [await seal({ to: await idOf(input), type: 'Error' })] },
        },
        encodedAttributes: await seal({ message: 'the database was away', stack_trace: '' }),
      },
    }),
  ],
];

test.each(strangers)('%s', async (_, tell) => {
  const release = ops.target.hold('POST /one');
  const before = ops.target.calls.length;
  const plan = await ops.deploy();
  const workflowId = `${plan.workflowId}/runbook/work/run-1`;
  await plan.becomes('running');
  const handle = ops.client.workflow.getHandle(workflowId);
  await expect.poll(() => ops.target.calls.slice(before).map(({ route }) => route)).toContain('POST /one');
  const activityId = (await handle.describe()).raw.pendingActivities![0]!.activityId!;
  const { events } = await handle.fetchHistory();
  const scheduled = events!.find(({ activityTaskScheduledEventAttributes: asked }) => asked?.activityId === activityId);
  const input = scheduled!.activityTaskScheduledEventAttributes!.input!.payloads as Payload[];
  const context = { type: 'activity', namespace: 'stories', workflowId, activityId, isLocal: false } as const;
  const seal = async (value: unknown) => (await createPayloadCodec(ops.keys).encode([plain(value)], context))[0]!;
  const told = await tell({ workflowId, activityId, input, seal });
  const about = { namespace: 'stories', workflowId, activityId };
  const { workflowService } = ops.client;
  if ('failure' in told) await workflowService.respondActivityTaskFailedById({ ...about, failure: told.failure });
  else
    await workflowService.respondActivityTaskCompletedById({
      ...about,
      ...('result' in told && { result: { payloads: [told.result] } }),
    });
  // Long enough for a workflow that believes it to go on.
  await sleep(500);
  expect((await plan.now()).status).toBe('running');
  release();
  const { outcome } = await plan.becomes('completed');
  expect(outcome).toBe('all activities are done');
  expect(await plan.runs()).toMatchObject([{ steps: [{ status: 'done', round: 1 }] }]);
});
