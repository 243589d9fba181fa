import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../api/app.ts';
import { createCommands } from '../api/commands.ts';
import { createRecentCatalogue } from '../api/context.ts';
import { recordViews } from '../api/routes/record-views.ts';
import { serve } from '../api/server.ts';
import { connect } from '../storage/database.ts';
import { createHistoryStore } from '../storage/history.ts';
import { migrate } from '../storage/migrate.ts';
import { type Config, publicUrlOf, readConfig } from '../workers/config.ts';
import { startDeliverer } from '../workers/deliverer.ts';
import { createDelivery } from '../workers/delivery.ts';
import { installRuntime, startOperations } from '../workers/operations.ts';
import { createPorts, createStores, type Stores } from '../workers/ports.ts';
import { startSealer } from '../workers/sealer.ts';
import { loadSigningKey } from '../workers/signing-key.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import { createClient } from '../workers/temporal.ts';

const roles = ['api', 'worker', 'deliverer'] as const;
type Role = (typeof roles)[number];

const rolesFrom = (text: string | undefined): Role[] => {
  if (text === undefined || text === 'all') return [...roles];
  const asked = text.split(',');
  const stranger = asked.find((role) => !roles.includes(role as Role));
  if (stranger !== undefined) throw new Error(`unknown role ${stranger}: expected all, ${roles.join(', ')}`);
  return asked as Role[];
};

const bootstrapDays = 365;

/** The first start makes one admin token and keeps it where only its owner reads it. It never approves anything. */
const ensureBootstrapToken = async ({ EVENKEEL_STATE_DIR }: Config, tokens: Stores['tokens']): Promise<void> => {
  if (EVENKEEL_STATE_DIR === undefined || (await tokens.hasBootstrap())) return;
  const path = join(EVENKEEL_STATE_DIR, 'admin-token');
  const expiresAt = new Date(Date.now() + bootstrapDays * 86_400_000).toISOString();
  const { secret } = await tokens.create(
    randomUUID(),
    { kind: 'bootstrap', holder: 'admin', scope: 'admin', expiresAt },
    evenkeel,
    new Date().toISOString(),
  );
  mkdirSync(EVENKEEL_STATE_DIR, { recursive: true });
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  // Without a terminal a log would keep the secret: the file alone has it.
  process.stdout.write(
    process.stdout.isTTY ? `admin token (shown once, kept in ${path}): ${secret}\n` : `the admin token is in ${path}\n`,
  );
};

/** The SDK serves its metrics itself; `/metrics` fetches them from there. */
const freeLoopbackPort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

const stepMs = 8_000;

/** Starts the roles named on the command line (`all`, or some of api, worker, deliverer) and stops them on a signal. */
async function main(): Promise<void> {
  const asked = rolesFrom(process.argv[2]);
  const config = readConfig(process.env);
  // A disk that is full takes no lines; the work goes on without them.
  const output = pino.destination(1).on('error', () => {});
  const log = pino(
    {
      level: config.EVENKEEL_LOG_LEVEL,
      redact: ['*.authorization', '*.token', '*.secret', 'err.config', 'err.headers'],
    },
    output,
  );
  const sdkMetricsPort = asked.includes('worker')
    ? (config.EVENKEEL_METRICS_PORT ?? (await freeLoopbackPort()))
    : undefined;
  installRuntime(log, sdkMetricsPort);
  const database = connect({
    url: config.DATABASE_URL,
    connections: config.EVENKEEL_DATABASE_CONNECTIONS,
    onError: (err) => log.debug({ err }, 'a database connection ended'),
  });
  const stores = createStores(database.db);
  const client = createClient(config, `evenkeel-${asked.join('-')}@${process.pid}`);
  const ports = createPorts(stores, config);
  const delivery = createDelivery({
    client,
    inbox: stores.inbox,
    catalogue: stores.catalogue,
    plans: stores.plans,
    records: stores.records,
    taskQueue: config.EVENKEEL_TASK_QUEUE,
    messagesPerRun: config.EVENKEEL_MESSAGES_PER_RUN,
  });
  const aborting = new AbortController();
  /** In the order of starting; stopped in the reverse. */
  const started: { name: string; stop(): Promise<void> }[] = [
    { name: 'database', stop: () => database.close() },
    { name: 'temporal client', stop: () => client.connection.close() },
  ];

  let isStopping = false;
  const stop = async (code: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    aborting.abort();
    for (const { name, stop: end } of started.toReversed()) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((done) => (timer = setTimeout(done, stepMs)));
      await Promise.race([end(), limit]).catch((err: unknown) =>
        log.warn({ err, name }, 'could not be stopped in order'),
      );
      clearTimeout(timer);
    }
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

  for (const name of await migrateWhenThere(config, log, aborting.signal)) log.info({ migration: name }, 'applied');
  await ensureBootstrapToken(config, stores.tokens);

  if (asked.includes('api')) {
    const app = createApp(
      {
        db: database.db,
        stores,
        histories: createHistoryStore(database.db),
        commands: createCommands(stores.inbox, delivery),
        views: recordViews,
        secrets: ports.secrets,
        recent: createRecentCatalogue(stores.catalogue),
        client,
        log,
        publicKey: loadSigningKey(config).publicPem,
        sdkMetricsPort,
      },
      { isSecure: publicUrlOf(config).startsWith('https:') },
    );
    const server = await serve(app, { host: config.EVENKEEL_HOST, port: config.EVENKEEL_PORT });
    started.push({
      name: 'api',
      stop: () =>
        new Promise((done) => {
          server.close(() => done());
          setTimeout(() => server.closeAllConnections(), 2_000).unref();
          server.closeIdleConnections();
        }),
    });
    log.info({ url: publicUrlOf(config) }, 'the API listens');
  }
  if (asked.includes('deliverer')) {
    started.push({ name: 'deliverer', ...startDeliverer(config, stores, ports, delivery, log) });
    started.push({ name: 'sealer', stop: startSealer(config, database.db, log).stop });
  }
  if (asked.includes('worker')) {
    const operations = await startOperations(config, database.db, ports, client, log, aborting.signal);
    started.push({ name: 'worker', stop: operations.stop });
    operations.ended.catch((err: unknown) => {
      log.fatal({ err }, 'the worker has died');
      void stop(1);
    });
    log.info({ taskQueue: config.EVENKEEL_TASK_QUEUE }, 'the worker polls');
  }
}

/** A process may start before its database: it waits, and says so once. */
const migrateWhenThere = async (
  { DATABASE_URL }: Config,
  log: { warn(details: object, message: string): void },
  signal: AbortSignal,
): Promise<string[]> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await migrate(DATABASE_URL);
    } catch (error) {
      const isAway =
        error instanceof Error &&
        /ECONNREFUSED|ENOENT|timeout|terminated|starting up|shutting down|EAI_AGAIN|ENOTFOUND/.test(
          `${'code' in error ? String(error.code) : ''} ${error.message}`,
        );
      if (!isAway || signal.aborted) throw error;
      if (tries === 0) log.warn({ reason: error.message }, 'waiting for the database');
      await new Promise((done) => setTimeout(done, 1_000));
    }
  }
};

await main();
