import type { Message } from '../../../domain/message.ts';
import type { EffectResult, OutboxStore } from '../../../domain/ports.ts';
import type { Reference } from '../../../domain/reference.ts';

interface Kept {
  belongsTo: Reference;
  kind: string;
  payload: unknown;
  fence: number;
  result: EffectResult | null;
}

export interface MemoryOutbox extends OutboxStore {
  /** Messages by key, as they were written. */
  messages(): Map<string, unknown>;
}

export const createMemoryOutbox = (): MemoryOutbox => {
  const kept = new Map<string, Kept>();
  const writtenAt = new Map<string, number>();
  return {
    async put(key, belongsTo, message, delayMs = 0) {
      if (!kept.has(key)) kept.set(key, { belongsTo, kind: message.kind, payload: message, fence: 0, result: null });
      if (!writtenAt.has(key)) writtenAt.set(key, Date.now());
      return delayMs > 0 ? Date.now() - writtenAt.get(key)! : 0;
    },
    async begin(key, belongsTo, kind, payload) {
      const row = kept.get(key);
      if (!row) {
        kept.set(key, { belongsTo, kind, payload, fence: 1, result: null });
        return { state: 'new', fence: 1 };
      }
      if (row.result) return { state: 'ended', result: row.result };
      row.fence += 1;
      return { state: 'in-doubt', fence: row.fence };
    },
    async finish(key, fence, result) {
      const row = kept.get(key);
      if (!row || row.result || row.fence !== fence) return false;
      row.result = result;
      return true;
    },
    of: async (record) =>
      [...kept]
        .filter(([, row]) => row.belongsTo === record)
        .map(([key, { kind, result }]) => ({
          key,
          kind,
          state: result === null ? 'pending' : result.ok ? 'sent' : 'failed',
          at: '2026-03-24T09:00:00.000Z',
          result,
        })),
    addressesOf: async (record, kind) =>
      [...kept.values()].flatMap(({ belongsTo, payload }) => {
        const message = payload as Message;
        if (belongsTo !== record || message.kind !== kind || !('channel' in message)) return [];
        return [{ channel: message.channel, to: 'to' in message ? message.to : null }];
      }),
    messages: () => new Map([...kept].map(([key, { payload }]) => [key, payload])),
  };
};
