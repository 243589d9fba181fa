import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { LRUCache } from 'lru-cache';
import type { DataConverter, Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { unreadable } from '../domain/unreadable.rules.ts';
import type { PayloadKeys } from './payload-keys.ts';

const { Payload: Wire } = proto.temporal.api.common.v1;

const encoding = 'binary/encrypted';
const [ivBytes, tagBytes] = [12, 16];

/** What a payload that cannot be opened is read as: no handler takes it, and none is stopped by it. */
export const refusedPayload: Payload = {
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(unreadable)),
};

/**
 * Seals what goes through Temporal, by AES-256-GCM, for the one workflow or activity that it is meant for. What we did
 * not seal, or sealed for another, is never decoded: its reader gets `unreadable` instead.
 */
export const createPayloadCodec = (keys: PayloadKeys): PayloadCodec => ({
  async encode(payloads, context) {
    if (!context) throw new Error('a payload without a workflow is not sent');
    const bound = boundTo(context);
    return payloads.map((payload) => seal(payload, bound, keys));
  },
  async decode(payloads, context) {
    // Without a workflow that it is meant for, nothing is meant for anybody.
    const bound = context ? boundTo(context) : '';
    return payloads.map((payload) => openPayload(payload, keys, bound) ?? refusedPayload);
  },
});

/** How clients and workers convert: payloads are sealed, and so are the messages and stacks of errors. */
export const sealed = (keys: PayloadKeys) =>
  ({ payloadCodecs: [createPayloadCodec(keys)], failureConverterPath }) satisfies DataConverter;

export const failureConverterPath = fileURLToPath(new URL('failure-converter.ts', import.meta.url));

/** Ids alone: an activity of the server and one inside the workflow task have ids of the same row. */
const boundTo = (context: SerializationContext): string => {
  const { type, namespace, workflowId = '' } = context;
  return JSON.stringify([type, namespace, workflowId, ...(type === 'activity' ? [context.activityId ?? ''] : [])]);
};

function seal(payload: Payload, bound: string, keys: PayloadKeys): Payload {
  const [[id, key]] = keys as unknown as [[string, KeyObject]];
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', keyFor(key, bound), iv);
  cipher.setAAD(Buffer.from(bound));
  const text = Buffer.concat([cipher.update(Wire.encode(payload).finish()), cipher.final()]);
  return {
    metadata: {
      encoding: Buffer.from(encoding),
      'encryption-key-id': Buffer.from(id),
      'bound-to': Buffer.from(bound),
    },
    data: Buffer.concat([iv, cipher.getAuthTag(), text]),
  };
}

/** A payload that we sealed, for this reader where one is named; undefined for any other. */
export function openPayload(payload: Payload, keys: PayloadKeys, reader?: string): Payload | undefined {
  const bound = textOf(payload, 'bound-to');
  if (bound === undefined || (reader !== undefined && reader !== bound)) return undefined;
  const key = keys.get(textOf(payload, 'encryption-key-id') ?? '');
  const data = payload.data ?? Buffer.alloc(0);
  if (textOf(payload, 'encoding') !== encoding || !key) return undefined;
  if (data.length < ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', keyFor(key, bound), data.subarray(0, ivBytes));
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(data.subarray(ivBytes, ivBytes + tagBytes));
  try {
    const text = Buffer.concat([decipher.update(data.subarray(ivBytes + tagBytes)), decipher.final()]);
    return Wire.decode(text);
  } catch {
    return undefined;
  }
}

/** What was derived from each key; an activity seals and opens four times for one binding. */
const derived = new WeakMap<KeyObject, LRUCache<string, Buffer>>();

/** A key of its own for each binding (RFC 5869): one key with random nonces would be worn out by the messages of weeks. */
const keyFor = (key: KeyObject, bound: string): Buffer => {
  const known = derived.get(key) ?? new LRUCache<string, Buffer>({ max: 1_000 });
  derived.set(key, known);
  const own = known.get(bound) ?? Buffer.from(hkdfSync('sha256', key, '', bound, 32));
  known.set(bound, own);
  return own;
};

const textOf = ({ metadata }: Payload, name: string): string | undefined => {
  const value = metadata?.[name];
  return value && Buffer.from(value).toString();
};
