import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createChannels } from '../activities/channels/index.ts';
import type { Sent } from '../activities/channels/channel.ts';
import type { WorldPorts } from '../activities/index.ts';
import { watchSuppliers } from '../activities/supplier/watch.ts';
import { sweepSuppliers } from '../activities/supplier/sweep.ts';
import { needsPage } from '../domain/incident/page.rules.ts';
import type { Config } from './config.ts';
import type { Delivery } from './delivery.ts';
import { listen } from './listen.ts';
import { startLoop } from './loop.ts';
import type { Stores } from './ports.ts';
import { createLanes } from './lanes.ts';
import { createPageSender, isPageRow } from './page-sender.ts';
import { createSender, type Send, sendingOf } from './sender.ts';
import { createUnansweredGate } from './unanswered-gate.ts';

const rowsAtOnce = 20;
const idleMs = 1_000;
const suppliersEveryMs = 60_000;

/** Hands over what waits in the inbox and sends what waits in the outbox. Any number may run side by side. `woken` are called when the database notifies by their name. */
export function startDeliverer(
  config: Config,
  stores: Stores,
  ports: WorldPorts,
  delivery: Pick<Delivery, 'deliver'>,
  log: Logger,
  woken: Readonly<Record<string, () => void>> = {},
): { stop(): Promise<void> } {
  const { EVENKEEL_SMTP_URL: url, EVENKEEL_MAIL_FROM: from } = config;
  const channels = createChannels({ url, from }, ports);
  const send: Send = (row, message = row.message) => within(channels(message, sendingOf(row, stores.outbox)));
  const sendMessage = createSender(stores.outbox, send, log, Date.now, createUnansweredGate(ports, stores.plans));
  const sendPage = createPageSender(stores.outbox, send, async (page) =>
    needsPage((await stores.incidents.find(page.incident))?.record, page),
  );
  const outgoing = createLanes(stores.outbox, (row) => (isPageRow(row) ? sendPage(row) : sendMessage(row)), log);

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
  const outbox = startLoop('outbox', idleMs, log, outgoing.fill);
  outgoing.onRoom(outbox.wake);
  const suppliers = startLoop('suppliers', suppliersEveryMs, log, async () => {
    await sweepSuppliers({ ...ports, inbox: stores.inbox }, ports.clock(Date.now()));
    return 0;
  });
  const feeds = startLoop('supplier feeds', suppliersEveryMs, log, async () => {
    await watchSuppliers({ ...ports, supplierFeeds: stores.supplierFeeds }, Date.now());
    return 0;
  });
  const listening = listen(config.DATABASE_URL, { inbox: inbox.wake, outbox: outbox.wake, ...woken }, log);
  return {
    async stop() {
      await Promise.all([listening.stop(), inbox.stop(), outbox.stop(), suppliers.stop(), feeds.stop()]);
      await outgoing.settled();
    },
  };
}

/** Shorter than the lease of a row, so that nobody else sends it meanwhile. */
const longestMs = 25_000;

const within = (sending: Promise<Sent>): Promise<Sent> => {
  const late: Sent = { sent: false, fault: 'passing', detail: `no answer within ${longestMs} ms`, isInDoubt: true };
  return Promise.race([sending, sleep(longestMs, late, { ref: false })]);
};
