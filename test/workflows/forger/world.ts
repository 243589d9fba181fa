import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Ops } from '../../support/ops.ts';
import { temporalConnection } from '../../support/temporal.ts';

/** Somebody with a connection to Temporal, a worker and a client of their own, who converts as `dataConverter` says. */
export interface Forger {
  client: Client;
  /** Calls an activity of the product under this workflow id; what came of it, in words. */
  call(workflowId: string, activity: string, ...args: unknown[]): Promise<string>;
  stop(): Promise<void>;
}

export async function createForger(
  ops: Ops,
  taskQueue: string,
  dataConverter: DataConverter,
  /** How they lay out what they ask: as the product does, unless they send what they captured. */
  layOut = (activity: string, args: unknown[]): unknown[] => [{ id: 'forged', activity, args }],
): Promise<Forger> {
  const connection = await NativeConnection.connect(temporalConnection());
  const own = `forgers-${crypto.randomUUID()}`;
  const worker = await Worker.create({
    connection,
    namespace: 'stories',
    taskQueue: own,
    workflowsPath: fileURLToPath(new URL('index.ts', import.meta.url)),
    dataConverter,
  });
  const ended = worker.run();
  const client = new Client({ connection: ops.client.connection, namespace: 'stories', dataConverter });
  return {
    client,
    call: (workflowId, activity, ...args) =>
      client.workflow
        .execute('forge', {
          taskQueue: own,
          workflowId,
          workflowRunTimeout: '20 seconds',
          args: [taskQueue, activity, layOut(activity, args)],
        })
        .then(
          (answer) => `gave ${JSON.stringify((answer as { result?: unknown } | undefined)?.result)}`,
          (error: unknown) => messagesOf(error).join(' | '),
        ),
    async stop() {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}

const messagesOf = (error: unknown): string[] =>
  error instanceof Error ? [error.message, ...messagesOf(error.cause)] : [];

/** Puts a payload that was captured in the place of the argument `{ captured: <its number> }`; all else goes in plain. */
export const capturing = (payloads: readonly Payload[]): PayloadCodec => ({
  encode: async (given) =>
    given.map((payload) => {
      const { captured } = (JSON.parse(Buffer.from(payload.data ?? '{}').toString() || '{}') ?? {}) as {
        captured?: number;
      };
      return captured === undefined ? payload : payloads[captured]!;
    }),
  // What they cannot open they have as bytes.
  decode: async (given) =>
    given.map((payload) =>
      payload.metadata?.['bound-to']
        ? { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"sealed":true}') }
        : payload,
    ),
});
