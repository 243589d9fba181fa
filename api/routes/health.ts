import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import { grpcCode } from '../../workers/temporal.ts';
import type { Context } from '../context.ts';
import { metricsOf } from '../metrics.ts';
import { operation, type Untagged } from '../operation.ts';

const probeMs = 1_500;
const mostWaitingSeconds = 120;

const within = <T>(work: Promise<T>): Promise<T> => {
  const limit = setTimeout(probeMs, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${probeMs} ms`);
  });
  return Promise.race([work, limit]);
};

export const healthOperations = (context: Context): Untagged[] => {
  const { db, client, stores } = context;
  const database = async (): Promise<string | undefined> =>
    within(sql`select 1`.execute(db)).then(
      () => undefined,
      () => 'the database does not answer: nothing is accepted',
    );
  const temporal = async (): Promise<string | undefined> =>
    within(client.connection.withDeadline(Date.now() + probeMs, () => client.workflowService.getSystemInfo({}))).then(
      () => undefined,
      (error: unknown) =>
        `Temporal does not answer${grpcCode(error) === undefined ? '' : ` (code ${grpcCode(error)})`}: what comes is accepted and delivered later`,
    );
  /** What waits this long waits for more than a moment of load. */
  const waiting = async (): Promise<string | undefined> =>
    within(stores.inbox.depth()).then(
      ({ waiting: count, oldestSeconds }) =>
        oldestSeconds < mostWaitingSeconds
          ? undefined
          : `${count} accepted ${count === 1 ? 'row waits' : 'rows wait'} to be delivered, the oldest for ${Math.round(oldestSeconds)} s: no worker or deliverer is there, or a workflow does not go on (inbox list --state accepted)`,
      () => undefined,
    );
  const stalled = async (): Promise<string | undefined> =>
    within(stores.stalls.count()).then(
      ({ workflows, activities }) =>
        workflows + activities === 0
          ? undefined
          : `${workflows} workflows and ${activities} activities are tried again and again (stall list)`,
      () => undefined,
    );
  /** What is wrong with them is for whoever runs this installation: its log and `doctor` say it. */
  const held = async (): Promise<string | undefined> =>
    within(stores.outbox.held()).then(
      (some) => (some.length === 0 ? undefined : some.map(heldText).join('; ')),
      () => undefined,
    );
  return [
    operation({
      id: 'live',
      route: 'GET /livez',
      summary: 'The process answers',
      role: 'anyone',
      answer: { status: 200, description: 'It lives', schema: z.object({ status: z.literal('live') }) },
      handle: () => Promise.resolve({ body: { status: 'live' } }),
    }),
    operation({
      id: 'ready',
      route: 'GET /readyz',
      summary: 'The process can do its work; says degraded, and why, if it can do only part of it',
      role: 'anyone',
      answer: {
        status: 200,
        description: 'Ready or degraded',
        schema: z.object({ status: z.enum(['ready', 'degraded']), reasons: z.array(z.string()) }),
      },
      alsoAnswers: [
        {
          status: 503,
          description: 'Nothing can be accepted',
          schema: z.object({ status: z.literal('not-ready'), reasons: z.array(z.string()) }),
        },
      ],
      async handle() {
        const [noDatabase, ...others] = await Promise.all([database(), temporal(), waiting(), held(), stalled()]);
        const reasons = [noDatabase, ...others].filter((reason) => reason !== undefined);
        const status = noDatabase !== undefined ? 'not-ready' : reasons.length > 0 ? 'degraded' : 'ready';
        return { status: noDatabase === undefined ? 200 : 503, body: { status, reasons } };
      },
    }),
    operation({
      id: 'metrics',
      route: 'GET /metrics',
      summary: 'Metrics in the Prometheus text format',
      role: 'viewer',
      answer: { status: 200, description: 'Metrics', schema: z.string(), contentType: 'text/plain' },
      handle: async () => ({
        body: await metricsOf(context),
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      }),
    }),
  ];
};

const heldText = ({ kind, count }: { kind: string; count: number }): string => {
  const waits = `${count} ${kind === 'email' ? 'mail' : `${kind} message`}${count === 1 ? ' waits' : 's wait'}`;
  return kind === 'email'
    ? `${waits}: the mail server is not set, is away or refuses this installation (evenkeel doctor, EVENKEEL_SMTP_URL)`
    : `${waits}: a secret or an allowed address is missing, or a receiver refuses this installation (the log names it)`;
};
