import type { Logger } from 'pino';
import { createEmailChannel } from '../activities/channels/email.ts';
import { createWebhookChannel } from '../activities/channels/webhook.ts';
import type { WorldPorts } from '../activities/index.ts';
import type { Config } from './config.ts';
import type { Delivery } from './delivery.ts';
import { listen } from './listen.ts';
import { startLoop } from './loop.ts';
import type { Stores } from './ports.ts';
import { createSender } from './sender.ts';

const rowsAtOnce = 20;
const idleMs = 1_000;

/** Hands over what waits in the inbox and sends what waits in the outbox. Any number may run side by side. `woken` are called when the database notifies by their name. */
export function startDeliverer(
  config: Config,
  stores: Stores,
  ports: WorldPorts,
  delivery: Pick<Delivery, 'deliver'>,
  log: Logger,
  woken: Readonly<Record<string, () => void>> = {},
): { stop(): Promise<void> } {
  const email = createEmailChannel({ url: config.EVENKEEL_SMTP_URL, from: config.EVENKEEL_MAIL_FROM });
  const webhook = createWebhookChannel(ports);
  const send = createSender(
    stores.outbox,
    (message, sending) => (message.kind === 'email' ? email(message, sending) : webhook(message, sending)),
    log,
  );

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
    await send(rows);
    return rows.length;
  });
  const listening = listen(config.DATABASE_URL, { inbox: inbox.wake, outbox: outbox.wake, ...woken }, log);
  return {
    async stop() {
      await Promise.all([listening.stop(), inbox.stop(), outbox.stop()]);
    },
  };
}
