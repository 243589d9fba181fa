import type { Logger } from 'pino';
import { createEmailChannel } from '../activities/channels/email.ts';
import { createWebhookChannel } from '../activities/channels/webhook.ts';
import type { Sent } from '../activities/channels/channel.ts';
import type { WorldPorts } from '../activities/index.ts';
import { sha256 } from '../domain/digest.ts';
import type { OutboxRow } from '../storage/outbox.ts';
import type { Config } from './config.ts';
import type { Delivery } from './delivery.ts';
import { listen } from './listen.ts';
import { startLoop } from './loop.ts';
import type { Stores } from './ports.ts';

const rowsAtOnce = 20;
const idleMs = 1_000;

/** Delays between attempts, in milliseconds; after the last one the message has failed. */
const delays = [0, 5_000, ...[5, 30, 120, 300, 600, 840, 1_200, 1_440].map((minutes) => minutes * 60_000)];

/** Hands over what waits in the inbox and sends what waits in the outbox. Any number may run side by side. */
export function startDeliverer(
  config: Config,
  stores: Stores,
  ports: WorldPorts,
  delivery: Pick<Delivery, 'deliver'>,
  log: Logger,
): { stop(): Promise<void> } {
  const email = createEmailChannel({ url: config.EVENKEEL_SMTP_URL, from: config.EVENKEEL_MAIL_FROM });
  const webhook = createWebhookChannel(ports);
  const idOf = (key: string): string => sha256(key).slice(0, 32);

  const send = async ({ key, message, fence, attempts, createdAt }: OutboxRow): Promise<void> => {
    const sending = { key, createdAt, idOf };
    const sent: Sent = await (message.kind === 'email' ? email(message, sending) : webhook(message, sending));
    const { detail } = sent;
    if (sent.sent || sent.isFinal || attempts >= delays.length)
      return void (await stores.outbox.finish(key, fence, { ok: sent.sent, detail }));
    const delayMs = sent.retryAfterMs ?? delays[attempts]! * (0.9 + Math.random() / 5);
    await stores.outbox.putBack(key, fence, delayMs, detail);
  };

  const inbox = startLoop('inbox', idleMs, log, async () => {
    const rows = await stores.inbox.claim(rowsAtOnce);
    // What is for one workflow keeps its order; behind a row that has to wait, the others wait too.
    const lanes = Object.values(Object.groupBy(rows, ({ target, id }) => target ?? id));
    await Promise.all(
      lanes.map(async (lane = []) => {
        for (const row of lane) if ((await delivery.deliver(row)).state === 'later') return;
      }),
    );
    return rows.length;
  });
  const outbox = startLoop('outbox', idleMs, log, async () => {
    const rows = await stores.outbox.claim(rowsAtOnce);
    await Promise.all(rows.map(send));
    return rows.length;
  });
  const listening = listen(config.DATABASE_URL, { inbox: inbox.wake, outbox: outbox.wake }, log);
  return {
    async stop() {
      await Promise.all([listening.stop(), inbox.stop(), outbox.stop()]);
    },
  };
}
