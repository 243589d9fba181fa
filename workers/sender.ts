import type { Logger } from 'pino';
import type { Sending, Sent } from '../activities/channels/channel.ts';
import { sha256 } from '../domain/digest.ts';
import type { Message } from '../domain/message.ts';
import type { OutboxRow, OutboxStorage } from '../storage/outbox.ts';

/** Delays between attempts, in milliseconds; after the last one the message has failed. */
const delays = [0, 5_000, ...[5, 30, 120, 300, 600, 840, 1_200, 1_440].map((minutes) => minutes * 60_000)];

/** A channel that does not work is tried with one message, soon at first and then once a minute. */
const firstHoldMs = 5_000;
const longestHoldMs = 60_000;
/** While one message finds out whether it works again, the others come back as soon as that may be known. */
const probingMs = 2_000;

/** A message that is refused by itself, though not for its receiver, waits for whoever mends that; so long at most. */
const heldEveryMs = 15 * 60_000;
const longestHeldMs = 14 * 24 * 60 * 60_000;

interface Hold {
  until: number;
  forMs: number;
  detail: string;
  isProbed: boolean;
}

/** Sends a row, in other words than its own if they are given. */
export type Send = (row: OutboxRow, message?: Message) => Promise<Sent>;

/**
 * Sends a message that was claimed. What is the fault of this installation costs a message nothing: it waits with all others
 * of its channel until one gets through. `givenUp` hears of one that will never be sent, before that is written down.
 */
export function createSender(
  outbox: Pick<OutboxStorage, 'finish' | 'putBack'>,
  send: Send,
  log: Pick<Logger, 'warn' | 'info'>,
  now: () => number = Date.now,
  givenUp: (row: OutboxRow, detail: string) => Promise<void> = async () => {},
): (row: OutboxRow) => Promise<void> {
  const holds = new Map<string, Hold>();

  const hold = (channel: string, detail: string): Hold => {
    const before = holds.get(channel);
    // Several were under way when it was seen.
    if (before && now() < before.until) return before;
    if (!before) log.warn({ channel, detail }, 'messages wait until this installation is mended');
    const forMs = before ? Math.min(2 * before.forMs, longestHoldMs) : firstHoldMs;
    const held = { until: now() + forMs, forMs, detail, isProbed: false };
    holds.set(channel, held);
    return held;
  };

  const wait = ({ key, fence }: OutboxRow, delayMs: number, detail: string): Promise<void> =>
    outbox.putBack(key, fence, { delayMs, detail, held: true });

  const sendOne = async (channel: string, row: OutboxRow): Promise<void> => {
    const { key, fence, attempts, createdAt } = row;
    const sent = await send(row);
    const { detail } = sent;
    const isOurs = !sent.sent && sent.fault === 'installation';
    if (isOurs && sent.concerns === 'channel') {
      const { until } = hold(channel, detail);
      return wait(row, Math.max(0, until - now()), detail);
    }
    if (holds.delete(channel)) log.info({ channel }, 'messages are sent again');
    if (isOurs && now() - Date.parse(createdAt) < longestHeldMs)
      return outbox.putBack(key, fence, { delayMs: heldEveryMs, detail, held: true });
    if (!sent.sent && sent.fault === 'passing' && attempts < delays.length) {
      const delayMs = sent.retryAfterMs ?? delays[attempts]! * (0.9 + Math.random() / 5);
      return outbox.putBack(key, fence, { delayMs, detail, held: false });
    }
    if (!sent.sent) await givenUp(row, detail);
    await outbox.finish(key, fence, { ok: sent.sent, detail });
  };

  /** While a channel does not work, one message finds out whether it does again. */
  return async (row) => {
    const channel = channelOf(row.message);
    const held = holds.get(channel);
    if (!held) return sendOne(channel, row);
    if (now() < held.until) return wait(row, held.until - now(), held.detail);
    if (held.isProbed) return wait(row, probingMs, held.detail);
    held.isProbed = true;
    try {
      await sendOne(channel, row);
    } finally {
      held.isProbed = false;
    }
  };
}

const channelOf = (message: Message): string =>
  message.kind === 'email' ? 'mail' : `${message.kind} ${message.channel}`;

/** What a channel is told of a row; its id is equal on every attempt. */
export const sendingOf = (
  { key, createdAt, belongsTo, message }: OutboxRow,
  outbox: Pick<OutboxStorage, 'firstSent'>,
): Sending => ({
  key,
  createdAt,
  idOf,
  firstId: async () =>
    'to' in message && 'channel' in message
      ? outbox.firstSent(belongsTo, `${message.kind} ${message.channel}`, message.to)
      : undefined,
});

const idOf = (key: string): string => sha256(key).slice(0, 32);
