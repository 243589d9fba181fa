import type { Payload } from '@temporalio/common';
import { openPayload, refusedPayload } from './payload-codec.ts';
import type { PayloadKeys } from './payload-keys.ts';

/** A payload as JSON has it: bytes in base64. */
export interface JsonPayload {
  metadata: Record<string, string>;
  data?: string | undefined;
}

/** Opens what we sealed, for whomever; anything else stays as it is. */
export const openerOf =
  (keys: PayloadKeys) =>
  (payloads: readonly JsonPayload[]): JsonPayload[] =>
    payloads.map((payload) => {
      const plain = openPayload(fromJson(payload), keys);
      return plain ? toJson(plain) : payload;
    });

/** What the server and the SDK write themselves: marks of local activities, what is searched for, and what nobody reads. */
const notOurs = new Set(['searchAttributes', 'header', 'type', 'data']);

/** What reaches a workflow from outside; it is read only if it was sealed for this very workflow. */
const fromOutside = /^workflowExecution(Started|Signaled|UpdateAccepted)EventAttributes$/;

/**
 * The JSON of a history as its workflow read it: what we sealed is opened, what we did not seal is as unreadable as it was
 * then. So it replays, and can be read when the keys have changed.
 */
export function openHistory(
  json: string,
  keys: PayloadKeys,
  workflow: { namespace: string; workflowId: string },
): string {
  const own = JSON.stringify(['workflow', workflow.namespace, workflow.workflowId]);
  const opened = (value: unknown, bound?: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => opened(item, bound));
    if (typeof value !== 'object' || value === null) return value;
    if (isPayload(value)) return toJson(openPayload(fromJson(value), keys, bound) ?? refusedPayload);
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        notOurs.has(name) ? inner : opened(inner, fromOutside.test(name) ? own : bound),
      ]),
    );
  };
  // Laid out as the SDK does: its digest is taken of this text.
  return JSON.stringify(opened(JSON.parse(json)), null, 2);
}

const isPayload = (value: object): value is JsonPayload =>
  'metadata' in value && typeof value.metadata === 'object' && value.metadata !== null && 'encoding' in value.metadata;

/** A payload of JSON, as Temporal's own tools and its remote codecs write it. */
const fromJson = ({ metadata, data }: JsonPayload): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data ?? '', 'base64'),
});

const toJson = ({ metadata, data }: Payload): JsonPayload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  ...(data && { data: Buffer.from(data).toString('base64') }),
});
