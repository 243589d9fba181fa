import { createApp } from '../api/app.ts';
import { createCommands } from '../api/commands.ts';
import { createRecentCatalogue } from '../api/context.ts';
import { recordViews } from '../api/routes/record-views.ts';
import { serve } from '../api/server.ts';
import { connect } from '../storage/database.ts';
import { createHistoryStore } from '../storage/history.ts';
import { publicUrlOf } from '../workers/config.ts';
import { openerOf } from '../workers/history-json.ts';
import { startAlertDays } from '../workers/correlation/days.ts';
import { startHeartbeats } from '../workers/correlation/heartbeats.ts';
import { startCorrelator } from '../workers/correlation/index.ts';
import { startDeliverer } from '../workers/deliverer.ts';
import { createDelivery } from '../workers/delivery.ts';
import { startTeller } from '../workers/incident/tell.ts';
import { startProfiler } from '../workers/insight/profiles.ts';
import { installRuntime, startOperations } from '../workers/operations.ts';
import { loadPayloadKeys } from '../workers/payload-keys.ts';
import { createPorts, createStores } from '../workers/ports.ts';
import { createRepair } from '../workers/repair.ts';
import { startSealer } from '../workers/sealer.ts';
import { loadSigningKey } from '../workers/signing-key.ts';
import { startSweeper } from '../workers/sweeper.ts';
import { startTrouble } from '../workers/trouble.ts';
import { createClient } from '../workers/temporal.ts';
import { ensureBootstrapToken } from './bootstrap-token.ts';
import { migrateWhenThere } from './database.ts';
import { createLog } from './log.ts';
import { freePort } from './port.ts';
import { readSettings } from './settings.ts';
import { createShutdown } from './shutdown.ts';

/** How each role is started. Those of one process start in this order and stop in the reverse. */
const roles = {
  async api() {
    const app = createApp(
      {
        db,
        stores,
        histories: createHistoryStore(db),
        commands: createCommands(stores.inbox, delivery),
        views: recordViews,
        secrets: ports.secrets,
        recent: createRecentCatalogue(stores.catalogue),
        publicUrl: publicUrlOf(config),
        client,
        repair: createRepair(client, stores.inbox),
        openPayloads: openerOf(payloadKeys),
        log,
        signingKey: loadSigningKey(config),
        sdkMetricsPort,
      },
      { isSecure: publicUrlOf(config).startsWith('https:') },
    );
    const server = await serve(app, { host: config.EVENKEEL_HOST, port: config.EVENKEEL_PORT });
    shutdown.add('api', async () => {
      setTimeout(() => server.closeAllConnections(), 2_000).unref();
      server.closeIdleConnections();
      await new Promise((done) => server.close(done));
    });
    log.info({ url: publicUrlOf(config) }, 'the API listens');
  },

  async deliverer() {
    const { db: _, ...told } = alerting;
    const [correlator, teller] = [startCorrelator(alerting, log), startTeller(told, log)];
    shutdown.add('correlator', correlator.stop);
    shutdown.add('teller', teller.stop);
    shutdown.add('profiler', startProfiler({ db, catalogue, inbox }, log).stop);
    const woken = { alerts: correlator.wake, incidents: teller.wake };
    shutdown.add('deliverer', startDeliverer(config, stores, ports, delivery, log, woken).stop);
    shutdown.add('heartbeats', startHeartbeats(alerting, log).stop);
    shutdown.add('alert days', startAlertDays(stores, config, log).stop);
    shutdown.add('inbox trouble', startTrouble(db, stores, log).stop);
    shutdown.add('sealer', startSealer(config, db, log).stop);
  },

  async worker() {
    const operations = await startOperations(config, db, ports, client, log, shutdown.signal);
    shutdown.add('worker', operations.stop);
    operations.ended.catch((err: unknown) => {
      log.fatal({ err }, 'the worker has died');
      shutdown.begin(1);
    });
    shutdown.add('sweeper', startSweeper(client, payloadKeys, stores.stalls, ports, log).stop);
    log.info({ taskQueue: config.EVENKEEL_TASK_QUEUE }, 'the worker polls');
  },
};
type Role = keyof typeof roles;

/** The roles named on the command line, such as `api,worker`; `all`, or nothing, names every one. */
const rolesFrom = (text = 'all'): Role[] => {
  const known = Object.keys(roles) as Role[];
  const asked = text === 'all' ? known : text.split(',');
  const stranger = asked.find((role) => !Object.hasOwn(roles, role));
  if (stranger !== undefined) throw new Error(`unknown role ${stranger}: expected all, ${known.join(', ')}`);
  return known.filter((role) => asked.includes(role));
};

const asked = rolesFrom(process.argv[2]);
const config = readSettings();
const log = createLog(config);
const payloadKeys = loadPayloadKeys(config);
const shutdown = createShutdown(log);

// The SDK serves its metrics itself; `/metrics` fetches them from there.
const sdkMetricsPort = asked.includes('worker') ? (config.EVENKEEL_METRICS_PORT ?? (await freePort())) : undefined;
installRuntime(log, sdkMetricsPort);

const { db, close } = connect({
  url: config.DATABASE_URL,
  connections: config.EVENKEEL_DATABASE_CONNECTIONS,
  onError: (err) => log.debug({ err }, 'a database connection ended'),
});
shutdown.add('database', close);
const client = createClient(config, `evenkeel-${asked.join('-')}@${process.pid}`);
shutdown.add('temporal client', () => client.connection.close());

const stores = createStores(db);
const ports = createPorts(stores, config);
const { inbox, catalogue, plans, incidents, problems, patternRuns, performanceReports, records } = stores;
const { EVENKEEL_TASK_QUEUE: taskQueue, EVENKEEL_MESSAGES_PER_RUN: messagesPerRun } = config;
const delivery = createDelivery({
  client,
  inbox,
  catalogue,
  plans,
  incidents,
  problems,
  patternRuns,
  routines: stores.routines,
  performanceReports,
  records,
  taskQueue,
  messagesPerRun,
});

const alerting = { db, client, catalogue, incidents, records, taskQueue, messagesPerRun };

await migrateWhenThere(config, log, shutdown.signal);
await ensureBootstrapToken(config, stores.tokens);
for (const role of asked) await roles[role]();
