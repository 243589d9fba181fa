import type { PlanId } from '../../domain/id.ts';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, inject } from 'vitest';
import type { HistoryPorts } from '../../activities/history.ts';
import type { WorldPorts } from '../../activities/index.ts';
import { createApp } from '../../api/app.ts';
import { createCommands } from '../../api/commands.ts';
import { type Context, createRecentCatalogue } from '../../api/context.ts';
import type { Operation } from '../../api/operation.ts';
import { recordViews } from '../../api/routes/record-views.ts';
import { operationsOf } from '../../api/routes/index.ts';
import { serve } from '../../api/server.ts';
import { planIdIn, planReference } from '../../domain/identifiers.ts';
import { type RecordUpdates, recordUpdates } from '../../workflows/record.messages.ts';
import type { PlanFacts } from '../../domain/operation-plan.ts';
import type { Reference } from '../../domain/reference.ts';
import type { RunbookRun } from '../../domain/runbook-run.ts';
import { connect, type Database } from '../../storage/database.ts';
import { createHistoryStore } from '../../storage/history.ts';
import { readConfig } from '../../workers/config.ts';
import { startHeartbeats } from '../../workers/correlation/heartbeats.ts';
import { startCorrelator } from '../../workers/correlation/index.ts';
import { startDeliverer } from '../../workers/deliverer.ts';
import { createDelivery } from '../../workers/delivery.ts';
import { openerOf } from '../../workers/history-json.ts';
import { startTeller } from '../../workers/incident/tell.ts';
import { startProfiler } from '../../workers/insight/profiles.ts';
import { endOf, historyOf, installRuntime, startOperations } from '../../workers/operations.ts';
import { loadPayloadKeys, type PayloadKeys } from '../../workers/payload-keys.ts';
import { createPorts, createStores, type Stores } from '../../workers/ports.ts';
import { createRepair } from '../../workers/repair.ts';
import { startSealer } from '../../workers/sealer.ts';
import { loadSigningKey } from '../../workers/signing-key.ts';
import { createClient } from '../../workers/temporal.ts';
import { asFiles, type Circumstances, company } from './company.ts';
import { createDatabase } from './database.ts';
import { recordHistories } from './record.ts';
import { expectToReplay } from './replay.ts';
import { startTarget, type Target } from './target.ts';
import { skip } from './time.ts';
import { askedIn } from './id.ts';

/** What most answers have; a story looks at the rest with `toMatchObject`. */
interface Answered {
  [field: string]: unknown;
  id: string;
  detail: string;
  plans: string[];
  accepted: string[];
  items: ({ id: string } & Record<string, unknown>)[];
}

interface Reply {
  status: number;
  body: Answered;
  headers: Headers;
}

/** Evenkeel as its users have it: HTTP in front, a real Temporal and PostgreSQL behind, and a clock that a story moves. */
export interface Ops {
  url: string;
  db: Database;
  databaseUrl: string;
  stores: Stores;
  client: Client;
  taskQueue: string;
  /** What seals everything that goes through Temporal. */
  keys: PayloadKeys;
  /** What the API and the activities of a story work with, for those who bring more of either. */
  context: Context;
  world: WorldPorts & HistoryPorts;
  target: Target;
  token(person: string): Promise<string>;
  as(
    person: string,
  ): (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  apply(circumstances?: Omit<Circumstances, 'target'>): Promise<void>;
  /** A deployment told by cid's pipeline; the plan that it became. */
  deploy(artifact?: string, by?: string): Promise<Plan>;
  /** The plan that something accepted leads to. */
  opened(accepted: unknown): Promise<Plan>;
  github(body: Uint8Array | string, headers?: Record<string, string>): Promise<Reply>;
  mails(): Promise<{ to: string; subject: string }[]>;
  subjects(): Promise<string[]>;
  /** Stops the worker as a deployment of Evenkeel does, and starts another one; between the two there is none. */
  restartWorker(meanwhile?: () => Promise<void>): Promise<void>;
  /** It is then (milliseconds) for whatever looks at objectives and windows, and goes on from there; undefined: it is now. */
  setClock(at?: number): void;
  /** Ends it, once every history replays with these workflows: those of the product unless the story has brought more. */
  stop(bundlePath?: string): Promise<void>;
}

export interface Plan {
  id: PlanId;
  reference: Reference;
  workflowId: string;
  now(): Promise<PlanFacts>;
  runs(): Promise<RunbookRun[]>;
  /** Waits until the readable copy fits; shows it when it does not. */
  becomes(status: PlanFacts['status']): Promise<PlanFacts>;
  until(fits: (plan: PlanFacts) => boolean): Promise<PlanFacts>;
  ask(person: string, what: string, body: unknown): Promise<Reply>;
  /** Asks something of `activity/step`, in the run that is under way. */
  askStep(person: string, place: string, what: 'retry' | 'skip', body: unknown): Promise<Reply>;
  vote(person: string, decision?: string, more?: object): Promise<Reply>;
  skip(milliseconds: number): Promise<void>;
}

/** Every answer that a story gets has the fields that the OpenAPI document promises, and no others. */
const expectAsPublished = (operations: readonly Operation[], method: string, path: string, reply: Reply): void => {
  const [route = ''] = path.split('?');
  const asked = operations.find(
    (operation) =>
      operation.method === method.toLowerCase() &&
      new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(route),
  );
  const said = asked && [asked.answer, ...(asked.alsoAnswers ?? [])].find(({ status }) => status === reply.status);
  const schema = said?.contentType === undefined ? said?.schema : undefined;
  if (schema) expect(schema.parse(reply.body)).toEqual(reply.body);
};

let count = 0;
let isInstalled = false;

export async function startOps(
  circumstances: Omit<Circumstances, 'target'> = {},
  settings: Record<string, string> = {},
  updates: RecordUpdates = recordUpdates,
): Promise<Ops> {
  count += 1;
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-story-'));
  const [database, target] = await Promise.all([createDatabase(), startTarget()]);
  process.env['EVENKEEL_WORKFLOW_BUNDLE'] = inject('bundlePath');
  process.env['EVENKEEL_SECRET_GITHUB'] = 'github-secret';
  process.env['EVENKEEL_SECRET_EVENTS'] = 'events-secret';
  const config = readConfig({
    DATABASE_URL: database.url,
    ...inject('temporal'),
    TEMPORAL_NAMESPACE: 'stories',
    EVENKEEL_STATE_DIR: folder,
    EVENKEEL_EGRESS_ALLOW: target.address,
    EVENKEEL_PORT: '0',
    EVENKEEL_TASK_QUEUE: `stories-${process.pid}-${count}`,
    EVENKEEL_LOG_LEVEL: 'fatal',
    ...settings,
  });
  const log = pino({ level: process.env['STORY_LOG'] ?? 'fatal' });
  // Once for each process, before anything else of the SDK.
  if (!isInstalled) installRuntime(log, undefined);
  isInstalled = true;
  const connected = connect({ url: database.url, connections: 20 });
  // Stories share a namespace, and incidents and problems are named by numbers of their database.
  for (const numbers of ['incident_number', 'problem_number'])
    await sql`select setval(${numbers}, ${Math.floor(Math.random() * 2 ** 40)})`.execute(connected.db);
  const stores = createStores(connected.db);
  const client = createClient(config, 'stories');
  const keys = loadPayloadKeys(config);
  let aheadMs = 0;
  const ports: WorldPorts = { ...createPorts(stores, config), clock: (workflow) => workflow + aheadMs };
  const delivery = createDelivery({
    client,
    inbox: stores.inbox,
    catalogue: stores.catalogue,
    plans: stores.plans,
    incidents: stores.incidents,
    problems: stores.problems,
    patternRuns: stores.patternRuns,
    routines: stores.routines,
    clock: ports.clock,
    performanceReports: stores.performanceReports,
    records: stores.records,
    taskQueue: config.EVENKEEL_TASK_QUEUE,
    messagesPerRun: config.EVENKEEL_MESSAGES_PER_RUN,
    updates,
  });
  const aborting = new AbortController();
  const startWorker = () => startOperations(config, connected.db, ports, client, log, aborting.signal);
  let operations = await startWorker();
  const { catalogue, incidents, records } = stores;
  const { EVENKEEL_TASK_QUEUE: taskQueue, EVENKEEL_MESSAGES_PER_RUN: messagesPerRun } = config;
  const correlator = startCorrelator({ db: connected.db, catalogue }, log);
  const heartbeats = startHeartbeats({ db: connected.db, catalogue }, log);
  const teller = startTeller({ client, catalogue, incidents, records, taskQueue, messagesPerRun }, log);
  const profiler = startProfiler({ db: connected.db, catalogue, inbox: stores.inbox }, log);
  const woken = { alerts: correlator.wake, incidents: teller.wake };
  const deliverer = startDeliverer({ ...config, EVENKEEL_SMTP_URL: undefined }, stores, ports, delivery, log, woken);
  const sealer = startSealer(config, connected.db, log);
  const context: Context = {
    db: connected.db,
    stores,
    histories: createHistoryStore(connected.db),
    commands: createCommands(stores.inbox, delivery),
    views: recordViews,
    secrets: ports.secrets,
    recent: createRecentCatalogue(stores.catalogue),
    publicUrl: ports.publicUrl,
    client,
    repair: createRepair(client, stores.inbox),
    openPayloads: openerOf(keys),
    log,
    signingKey: loadSigningKey(config),
    sdkMetricsPort: undefined,
  };
  const published = operationsOf(context);
  const app = createApp(context, { isSecure: false });
  const server = await serve(app, { host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const system = { type: 'system', name: 'story' } as const;
  const forAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const secrets = new Map<string, string>();

  const token: Ops['token'] = async (person) => {
    const known = secrets.get(person);
    if (known !== undefined) return known;
    const kind = person === 'admin' ? 'bootstrap' : person === 'pipeline' ? 'service' : 'personal';
    const { secret } = await stores.tokens.create(
      crypto.randomUUID(),
      {
        kind,
        holder: person,
        team: kind === 'service' ? 'shop' : undefined,
        scope: kind === 'service' ? 'operator' : 'admin',
        expiresAt: forAWeek,
      },
      system,
      new Date().toISOString(),
    );
    secrets.set(person, secret);
    return secret;
  };

  const read = async (response: Response): Promise<Reply> => {
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const body = (isJson && text !== '' ? JSON.parse(text) : { text }) as Answered;
    return { status: response.status, body, headers: response.headers };
  };

  const as: Ops['as'] =
    (person) =>
    async (method, path, body, headers = {}) => {
      const reply = await read(
        await fetch(`${url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${await token(person)}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      );
      expectAsPublished(published, method, path, reply);
      return reply;
    };

  const apply: Ops['apply'] = async (changed = {}) => {
    const reply = await as('admin')('POST', '/v1/catalogue', {
      files: asFiles(company({ ...circumstances, ...changed, target: target.url })),
    });
    expect(reply.body).toMatchObject({ dryRun: false });
  };
  await apply();

  const planOf = (id: PlanId, workflowId: string): Plan => {
    const now = async (): Promise<PlanFacts> =>
      (await stores.plans.find(id))?.record ?? ({ status: 'unsaved' } as unknown as PlanFacts);
    const until: Plan['until'] = async (fits) => {
      for (const end = Date.now() + 20_000; ;) {
        const plan = await now();
        if (plan.rev !== undefined && fits(plan)) return plan;
        if (Date.now() > end)
          throw new Error(`the plan is not as expected: ${JSON.stringify(plan, null, 1).slice(0, 4_000)}`);
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    const reference = planReference(id);
    return {
      id,
      reference,
      workflowId,
      now,
      until,
      runs: () => stores.runs.of(reference),
      becomes: (status) => until((plan) => plan.status === status),
      ask: (person, what, body) => as(person)('POST', `/v1/operation-plans/${id}/${what}`, body),
      async askStep(person, place, what, body) {
        const [activity, step] = place.split('/');
        const runs = await stores.runs.of(reference);
        const run = runs.findLast((other) => other.activity === activity && other.endedAt === undefined);
        return as(person)('POST', `/v1/runs/${run?.id}/steps/${step}/${what}`, body);
      },
      async vote(person, decision = 'approve', more = {}) {
        const { approval } = await until((plan) => plan.approval?.status === 'open');
        const shown = await stores.approvals.find(askedIn(approval));
        return as(person)('POST', `/v1/approvals/${askedIn(approval)}/votes`, {
          decision,
          digest: shown!.digest,
          reason: 'as the story wants it',
          ...more,
        });
      },
      skip: (milliseconds) => skip(client, workflowId, milliseconds),
    };
  };

  const opened: Ops['opened'] = async (accepted) => {
    // A loaded machine may need longer than the API is willing to wait.
    const row = String(accepted);
    let id: PlanId | undefined;
    for (const end = Date.now() + 20_000; id === undefined && Date.now() < end;) {
      id = (await stores.inbox.find(row))?.verdict?.records?.map(planIdIn)[0];
      await new Promise((done) => setTimeout(done, 20));
    }
    if (id === undefined) throw new Error(`row ${row} became no plan`);
    return planOf(id, (await stores.plans.find(id))!.workflowId);
  };

  const mails: Ops['mails'] = async () => {
    const { rows } = await sql<{
      payload: { to: string; subject: string };
    }>`select payload from outbox where kind = 'email' order by created_at, key`.execute(connected.db);
    return rows.map(({ payload: { to, subject } }) => ({ to, subject }));
  };

  return {
    url,
    db: connected.db,
    databaseUrl: database.url,
    stores,
    client,
    taskQueue,
    keys,
    context,
    world: {
      ...ports,
      histories: createHistoryStore(connected.db),
      historyOf: historyOf(client, keys, config.EVENKEEL_TASK_QUEUE),
      endOf: endOf(client, config.EVENKEEL_TASK_QUEUE),
    },
    target,
    token,
    as,
    apply,
    async deploy(artifact = `pkg:oci/checkout@sha256:${crypto.randomUUID()}`, by = 'cid') {
      const { body } = await as(by)(
        'POST',
        '/v1/deployments',
        { service: 'checkout', environment: 'production', artifact },
        { 'idempotency-key': crypto.randomUUID() },
      );
      return opened(body['accepted']);
    },
    opened,
    github: async (body, headers = {}) =>
      read(
        await fetch(`${url}/v1/hooks/github/github`, {
          method: 'POST',
          body: typeof body === 'string' ? body : Buffer.from(body),
          headers: {
            'content-type': 'application/json',
            'x-github-event': 'deployment_status',
            'x-github-delivery': crypto.randomUUID(),
            'x-hub-signature-256': `sha256=${createHmac('sha256', 'github-secret').update(body).digest('hex')}`,
            ...headers,
          },
        }),
      ),
    mails,
    subjects: async () => (await mails()).map(({ subject }) => subject),
    async restartWorker(meanwhile) {
      await operations.stop();
      await meanwhile?.();
      operations = await startWorker();
    },
    setClock: (at) => void (aheadMs = at === undefined ? 0 : at - Date.now()),
    async stop(bundlePath = inject('bundlePath')) {
      await recordHistories(client, connected.db, keys, taskQueue);
      await expectToReplay(client, connected.db, keys, bundlePath, taskQueue);
      aborting.abort();
      server.close();
      server.closeAllConnections();
      await Promise.all([
        correlator.stop(),
        heartbeats.stop(),
        teller.stop(),
        profiler.stop(),
        deliverer.stop(),
        sealer.stop(),
        operations.stop(),
      ]);
      await client.connection.close();
      await connected.close();
      await target.stop();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
