import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { mapChange } from '../../../domain/alert/mapping.ts';
import {
  PagerDutyRefusal,
  readPagerDutyChange,
  readPagerDutyEvent,
  routingKeyOf,
} from '../../../domain/alert/pagerduty-events.ts';
import { sha256 } from '../../../domain/digest.ts';
import { DomainError } from '../../../domain/errors.ts';
import { readSome } from '../../../domain/json.ts';
import type { Context } from '../../context.ts';
import { type Answer, operation, type Untagged } from '../../operation.ts';
import { bytesOf, type Delivery } from './format.ts';
import { createInstants } from './instant.ts';
import { keep, keepDead } from './keep.ts';
import { createRoutingKeys } from './routing-key.ts';

const Processed = z.object({ status: z.literal('success'), message: z.string(), dedup_key: z.string().optional() });
const Refused = z
  .object({ status: z.string(), message: z.string(), errors: z.array(z.string()) })
  .meta({ id: 'PagerDutyRefusal' });
type Refused = z.infer<typeof Refused>;

const Sent = z.looseObject({
  routing_key: z.string().meta({ description: 'A secret of a source of format `pagerduty`' }),
  payload: z.looseObject({}).optional(),
});

const megabyte = 1024 * 1024;

const described = {
  role: 'sender',
  limit: megabyte,
  answer: { status: 202, description: 'Committed', schema: Processed },
  alsoAnswers: [
    { status: 400, description: 'The event cannot be read, or nobody has this key', schema: Refused },
    { status: 410, description: 'The source is retired', schema: Refused },
  ],
} as const;

/** What a monitor sends to PagerDuty, at the same paths: it only has to be told another host. */
export const pagerdutyOperations = (context: Context): Untagged[] => {
  const receive = receiverOf(context);
  const nextInstant = createInstants();
  return [
    operation({
      ...described,
      id: 'enqueuePagerDutyEvent',
      route: 'POST /v2/enqueue',
      summary: 'Takes an event as PagerDuty does (Events API, version 2): trigger, acknowledge, resolve',
      sender: { bodies: { 'application/json': Sent.extend({ event_action: z.string() }) } },
      handle: ({ body }) =>
        receive(body as Buffer, async (source, written) => {
          const generated = randomUUID().replaceAll('-', '');
          const { alerts } = readPagerDutyEvent(body as Buffer, new Date().toISOString(), generated);
          const [{ key, status }] = alerts as [(typeof alerts)[number]];
          const given = written['dedup_key'];
          const dedupKey = typeof given === 'string' && given !== '' ? given : generated;
          const at = nextInstant(`${source.name}\n${key}`);
          const kept = bytesOf({ ...written, dedup_key: dedupKey, received_at: at });
          const isNote = status === 'acknowledged' && !source.alerts.acknowledges;
          const told = isNote ? { name: 'pagerduty.acknowledge' } : { name: 'pagerduty', alerts: alerts.length };
          await keep(source, [{ ...told, key: sha256(kept), body: kept, facts: [] }], context);
          return { status: 'success', message: 'Event processed', dedup_key: dedupKey };
        }),
    }),
    operation({
      ...described,
      id: 'enqueuePagerDutyChange',
      route: 'POST /v2/change/enqueue',
      summary: 'Takes a change event as PagerDuty does: evidence for what comes after it, never a page',
      sender: { bodies: { 'application/json': Sent } },
      handle: ({ body }) =>
        receive(body as Buffer, async (source, written) => {
          const { changes } = readPagerDutyChange(body as Buffer, new Date().toISOString());
          for (const fact of changes) {
            await context.stores.changes.keep(mapChange(fact, source), { source: source.name, team: source.team });
            const evidence = { name: 'pagerduty.change', key: fact.key, body: bytesOf(written), facts: [] };
            await keep(source, [evidence], context);
          }
          return { status: 'success', message: 'Change event processed' };
        }),
    }),
  ];
};

type Handle = (source: Delivery['source'], written: Record<string, unknown>) => Promise<z.infer<typeof Processed>>;

const refusal = (errors: readonly string[], message = 'Event object is invalid'): Answer => ({
  status: 400,
  body: { status: 'invalid event', message, errors: [...errors] } satisfies Refused,
});

/**
 * Who sends is said in the body, so that much of it is read before anybody is known; nothing is kept of it until then, and the key
 * never is.
 */
const receiverOf = (context: Context) => {
  const sourceOf = createRoutingKeys(context);
  return async (body: Buffer, handle: Handle): Promise<Answer> => {
    let key: string | undefined;
    try {
      key = routingKeyOf(body);
    } catch (error) {
      if (error instanceof DomainError) return refusal([error.message]);
      throw error;
    }
    const source = key === undefined ? undefined : await sourceOf(key);
    if (!source) return refusal(["'routing_key' is missing, or nobody has it"]);
    if (source.retired) return { ...refusal([], 'This source is retired: stop sending'), status: 410 };
    const { routing_key: _, ...written } = readSome(body) as Record<string, unknown>;
    try {
      return { body: await handle(source, written) };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const label = { name: 'pagerduty', key: sha256(body), body: evidenceOf(written) };
      await keepDead(source, label, error.message, context);
      return refusal(error instanceof PagerDutyRefusal ? error.errors : [error.message]);
    }
  };
};

/** What can be written down of what was refused. */
const evidenceOf = (written: Record<string, unknown>): Uint8Array => {
  try {
    return bytesOf(written);
  } catch (error) {
    if (error instanceof DomainError) return Buffer.from(error.message);
    throw error;
  }
};
