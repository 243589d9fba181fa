import type { Logger } from 'pino';
import type { Sending, Sent } from '../activities/channels/channel.ts';
import { sha256 } from '../domain/digest.ts';
import type { Message } from '../domain/ports.ts';
import type { OutboxRow, OutboxStorage } from '../storage/outbox.ts';

/** Delays between attempts, in milliseconds; after the last one the message has failed. */
const delays = [0, 5_000, ...[5, 30, 120, 300, 600, 840, 1_200, 1_440].map((minutes) => minutes * 60_000)];

/** A channel that does not work is tried with one message, soon at first and then once a minute. */
const firstHoldMs = 5_000;
const longestHoldMs = 60_000;

/** A message that is refused by itself, though not for its receiver, waits for whoever mends that; so long at most. */
const heldEveryMs = 15 * 60_000;
const longestHeldMs = 14 * 24 * 60 * 60_000;

interface Hold {
  until: number;
  forMs: number;
  detail: string;
}

/**
 * Sends messages that were claimed. What is the fault of this installation costs a message nothing: it waits with all others
 * of its channel until one gets through.
 */
export function createSender(
  outbox: Pick<OutboxStorage, 'finish' | 'putBack'>,
  send: (message: Message, sending: Sending) => Promise<Sent>,
  log: Pick<Logger, 'warn' | 'info'>,
  now: () => number = Date.now,
): (rows: readonly OutboxRow[]) => Promise<void> {
  const holds = new Map<string, Hold>();

  const hold = (channel: string, detail: string): Hold => {
    const before = holds.get(channel);
    // Several were under way when it was seen.
    if (before && now() < before.until) return before;
    if (!before) log.warn({ channel, detail }, 'messages wait until this installation is mended');
    const forMs = before ? Math.min(2 * before.forMs, longestHoldMs) : firstHoldMs;
    const held = { until: now() + forMs, forMs, detail };
    holds.set(channel, held);
    return held;
  };

  const wait = ({ key, fence }: OutboxRow, { until, detail }: Hold): Promise<void> =>
    outbox.putBack(key, fence, { delayMs: Math.max(0, until - now()), detail, held: true });

  const sendOne = async (channel: string, row: OutboxRow): Promise<void> => {
    const { key, message, fence, attempts, createdAt } = row;
    const sent = await send(message, { key, createdAt, idOf });
    const { detail } = sent;
    const isOurs = !sent.sent && sent.fault === 'installation';
    if (isOurs && sent.concerns === 'channel') return wait(row, hold(channel, detail));
    if (holds.delete(channel)) log.info({ channel }, 'messages are sent again');
    if (isOurs && now() - Date.parse(createdAt) < longestHeldMs)
      return outbox.putBack(key, fence, { delayMs: heldEveryMs, detail, held: true });
    if (!sent.sent && sent.fault === 'passing' && attempts < delays.length) {
      const delayMs = sent.retryAfterMs ?? delays[attempts]! * (0.9 + Math.random() / 5);
      return outbox.putBack(key, fence, { delayMs, detail, held: false });
    }
    await outbox.finish(key, fence, { ok: sent.sent, detail });
  };

  /** While a channel does not work, one message finds out whether it does again. */
  const sendLane = async (channel: string, rows: readonly OutboxRow[]): Promise<void> => {
    const [first, ...others] = rows;
    const held = holds.get(channel);
    if (!first) return;
    if (!held) return void (await Promise.all(rows.map((row) => sendOne(channel, row))));
    if (now() < held.until) return void (await Promise.all(rows.map((row) => wait(row, held))));
    await sendOne(channel, first);
    await sendLane(channel, others);
  };

  return async (rows) => {
    const lanes = Object.entries(Object.groupBy(rows, ({ message }) => channelOf(message)));
    await Promise.all(lanes.map(([channel, lane = []]) => sendLane(channel, lane)));
  };
}

const channelOf = (message: Message): string => (message.kind === 'email' ? 'mail' : `webhook ${message.channel}`);

const idOf = (key: string): string => sha256(key).slice(0, 32);
