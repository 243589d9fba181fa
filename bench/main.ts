import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pg from 'pg';
import { Pool } from 'undici';
import { idOf } from '../domain/identifiers.ts';
import type { InboxRow } from '../domain/inbox.ts';
import { asFiles, company } from '../test/support/company.ts';
import { connectionOptions, createClient } from '../workers/temporal.ts';
import type { Activities } from './bare.ts';
import { inParallel, report, round } from './figure.ts';
import { intake } from './intake.ts';
import { memoryOf, settleMs } from './memory.ts';
import { objectives } from './objectives.ts';
import { memoryOfIncidents, pages, timers } from './pages.ts';
import { similar } from './similar.ts';
import { reportsOver } from './reports.ts';
import { storm } from './storm.ts';
import { configOf, githubSecret, laneNames, setStage, type Stage } from './stage.ts';

const lanes = laneNames.length;
const turn = 40;
const turns = 5;

/** A check that costs next to nothing. */
const owned = {
  id: 'OWN-1',
  title: 'Owned',
  level: 'C',
  severity: 'minor',
  evidence: { kind: 'catalogue', rule: 'true' },
} as const;

/** Reports a deployment; the plan that it became, however long that took. */
const deploy = async ({ admin }: Stage, service = 'checkout'): Promise<string> => {
  const artifact = randomUUID();
  const deployment = { service, environment: 'production', artifact };
  const sent = await admin.command<{ accepted: string; plans: string[] }>('/v1/deployments', deployment, artifact);
  for (let { plans } = sent; ;) {
    if (plans[0] !== undefined) return plans[0];
    await sleep(50);
    const { verdict } = await admin.get<InboxRow>(`/v1/inbox/${sent.accepted}`);
    plans = (verdict?.records ?? []).map(idOf);
  }
};

/** The one row of a query. */
const rowOf = async <Row extends pg.QueryResultRow>(db: pg.Pool, query: string, values: unknown[]): Promise<Row> =>
  (await db.query<Row>(query, values)).rows[0]!;

/** Waits in the database, so that waiting costs the API nothing. */
const until = async (db: pg.Pool, plan: string, condition: string): Promise<void> => {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(10)) {
    const { rows } = await db.query(`select 1 from record where reference = 'plan/' || $1 and ${condition}`, [plan]);
    if (rows.length > 0) return;
  }
  throw new Error(`plan ${plan} did not get as far as ${condition}`);
};

/** From the commit of an accepted deployment to its plan running, one at a time. */
const timeToRunning = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const values: number[] = [];
  for (let count = 0; count < 110; count += 1) {
    const plan = await deploy(stage);
    await until(db, plan, 'closed_at is not null');
    const { ms } = await rowOf<{ ms: string }>(
      db,
      `select extract(epoch from ((r.state->>'startedAt')::timestamptz - i.received_at)) * 1000 as ms
       from record r join inbox i on i.verdict->'records' ? r.reference where r.reference = 'plan/' || $1`,
      [plan],
    );
    // The first ten warm caches and compilers.
    if (count >= 10) values.push(Number(ms));
  }
  report('deployment accepted to plan running, idle', 'ms', values);
};

const event = readFileSync(new URL('../test/payloads/github/deployment.created.json', import.meta.url));
const signature = `sha256=${createHmac('sha256', githubSecret).update(event).digest('hex')}`;

/** One post of GitHub bytes with a delivery id of its own. */
const post = async (pool: Pool): Promise<void> => {
  const answer = await pool.request({
    path: '/v1/hooks/github/github',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'deployment',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': signature,
    },
    body: event,
  });
  await answer.body.dump();
  if (answer.statusCode !== 202) throw new Error(`answered with ${answer.statusCode}`);
};

/** Single posts, all checks on, over so many connections. */
const acceptPosts = async ({ url }: Stage, connections: number): Promise<void> => {
  // Of all the clients, one that leaves most of the machine to the server.
  const pool = new Pool(url, { connections, pipelining: 1 });
  const values: number[] = [];
  const timed = async (): Promise<void> => {
    const begun = performance.now();
    await post(pool);
    values.push(performance.now() - begun);
  };
  await inParallel(2_000, connections, timed);
  values.length = 0;
  const count = 15_000;
  const seconds = await inParallel(count, connections, timed);
  report('accept of single posts', 'ms', values, {
    perSecond: Math.round(count / seconds),
    connections,
    bytes: event.length,
  });
  await pool.close();
};

/** Plans a second beside bare workflows with as many activities: on the same servers, by turns, so that both meet the same machine. */
const throughput = async (stage: Stage, db: pg.Pool, client: Client): Promise<void> => {
  const took: number[] = [];
  const free = [...laneNames];
  const complete = async (): Promise<void> => {
    const service = free.pop()!;
    const begun = performance.now();
    const query = "select workflow_id as id from record where reference = 'plan/' || $1";
    const { id } = await rowOf<{ id: string }>(db, query, [await deploy(stage, service)]);
    // The same wait as for the bare ones.
    await client.workflow.getHandle(id).result();
    took.push(performance.now() - begun);
    free.push(service);
  };
  // Both warm up alike.
  await inParallel(turn, lanes, complete);
  took.length = 0;
  const activities = await activitiesOf(await deploy(stage), db, client);

  const connection = await NativeConnection.connect(connectionOptions(configOf(stage)));
  const worker = await Worker.create({
    connection,
    namespace: 'evenkeel',
    taskQueue: 'bare',
    workflowsPath: fileURLToPath(new URL('bare.ts', import.meta.url)),
    activities: { nothing: async () => {} },
    maxCachedWorkflows: 500,
  });
  const plain = new Client({ connection: client.connection, namespace: 'evenkeel' });
  const seconds = { plans: 0, bare: 0, alike: 0 };
  const run = (like: Activities) => async (): Promise<void> =>
    void (await plain.workflow.execute('bare', { taskQueue: 'bare', workflowId: randomUUID(), args: [like] }));
  const bare = run({ scheduled: activities.scheduled + activities.local, local: 0 });
  const alike = run(activities);
  await worker.runUntil(async () => {
    await inParallel(turn, lanes, bare);
    for (let count = 0; count < turns; count += 1) {
      seconds.plans += await inParallel(turn, lanes, complete);
      seconds.bare += await inParallel(turn, lanes, bare);
      seconds.alike += await inParallel(turn, lanes, alike);
    }
  });
  await connection.close();
  report('plans, from report to end', 'ms', took, {
    perSecond: round(took.length / seconds.plans),
    activities,
    barePerSecond: round(took.length / seconds.bare),
    shareOfBare: round(seconds.bare / seconds.plans),
    // With as many of them inside the workflow task as a plan has.
    alikePerSecond: round(took.length / seconds.alike),
    shareOfAlike: round(seconds.alike / seconds.plans),
  });
};

/** Activities of a plan and its runs, from report to end. */
const activitiesOf = async (plan: string, db: pg.Pool, client: Client): Promise<Activities> => {
  await until(db, plan, 'closed_at is not null');
  const { rows } = await db.query<{ workflow_id: string }>(
    "select workflow_id from workflow_run where belongs_to = 'plan/' || $1",
    [plan],
  );
  const histories = await Promise.all(
    rows.map(async ({ workflow_id: id }) => {
      const handle = client.workflow.getHandle(id);
      await handle.result();
      return handle.fetchHistory();
    }),
  );
  const events = histories.flatMap(({ events: of }) => of ?? []);
  return {
    scheduled: events.filter(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled).length,
    local: events.filter(({ markerRecordedEventAttributes: marker }) => marker?.markerName === 'core_local_activity')
      .length,
  };
};

/** What one event and one plan cost each process, and the databases: what `docs/scaling.md` calculates with. */
const costs = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const bytes = async (): Promise<number> =>
    Number((await rowOf<{ sum: string }>(db, 'select sum(pg_database_size(datname)) from pg_database', [])).sum);
  const measure = async (name: string, count: number, work: () => Promise<number>): Promise<void> => {
    const [before, size] = [stage.processor(), await bytes()];
    const seconds = await work();
    await sleep(settleMs / 3);
    const after = stage.processor();
    const each = Object.fromEntries(
      Object.entries(after).map(([process, used]) => [process, round(((used - before[process]!) / count) * 1_000)]),
    );
    const kilobytes = round(((await bytes()) - size) / 1024 / count);
    console.log(
      JSON.stringify({
        figure: `cost of ${name}`,
        unit: 'ms of processor',
        n: count,
        each,
        kilobytes,
        perSecond: round(count / seconds),
      }),
    );
  };
  // What a start costs is not an event's.
  await sleep(settleMs);
  let next = 0;
  const pools = stage.urls.map((url) => new Pool(url, { connections: lanes, pipelining: 1 }));
  await measure('an event that opens no plan', 10_000, () =>
    inParallel(10_000, 2 * lanes, () => post(pools[next++ % pools.length]!)),
  );
  await Promise.all(pools.map((pool) => pool.close()));
  await inParallel(turn, lanes, () => complete(stage, db));
  await measure('a plan', 200, () => inParallel(200, lanes, () => complete(stage, db)));
};

const complete = async (stage: Stage, db: pg.Pool): Promise<void> =>
  until(db, await deploy(stage), 'closed_at is not null');

/** What so many plans that wait for their approval cost Evenkeel's process, and what they cost once their cache is turned over. */
const memoryOfOpenPlans = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const files = asFiles(
    company({ target: 'http://127.0.0.1:9', checks: [owned], template: { approvalPolicy: 'second-person' } }),
  );
  await stage.admin.command('/v1/catalogue', { files });
  const count = Number(process.env['OPEN_PLANS'] ?? 1_000);
  await memoryOf('open plans', stage, count, () =>
    inParallel(count, lanes, async () => until(db, await deploy(stage), `state->'approval'->>'status' = 'open'`)),
  );
};

/** From the vote that decides to the start of the plan's work. */
const approvalToStart = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const files = asFiles(
    company({
      target: 'http://127.0.0.1:9',
      checks: [owned],
      steps: [{ name: 'wait', kind: 'wait', for: '1s' }],
      template: { approvalPolicy: 'second-person' },
    }),
  );
  await stage.admin.command('/v1/catalogue', { files });
  const ana = await stage.asPerson('ana');
  const values: number[] = [];
  for (let count = 0; count < 60; count += 1) {
    const plan = await deploy(stage);
    await until(db, plan, `status = 'awaiting-approval' and state->'approval'->>'status' = 'open'`);
    const id = `plan.${plan}.approval.1`;
    const { digest } = await ana.get<{ digest: string }>(`/v1/approvals/${id}`);
    await ana.command(`/v1/approvals/${id}/votes`, { decision: 'approve', digest });
    await until(db, plan, `status in ('running', 'completed')`);
    const { ms } = await rowOf<{ ms: string }>(
      db,
      `select extract(epoch from ((r.state->>'startedAt')::timestamptz - v.at)) * 1000 as ms
       from record r join approval_vote v on v.approval = $2 where r.reference = 'plan/' || $1`,
      [plan, id],
    );
    if (count >= 10) values.push(Number(ms));
  }
  report('approval decided to work started, idle', 'ms', values);
};

Runtime.install({ logger: new DefaultLogger('ERROR') });
const stage = await setStage();
const db = new pg.Pool({ connectionString: stage.databaseUrl, max: 20 });
const client = createClient(configOf(stage), 'bench');
const figures = {
  running: () => timeToRunning(stage, db),
  plans: () => throughput(stage, db, client),
  costs: () => costs(stage, db),
  approval: () => approvalToStart(stage, db),
  memory: () => memoryOfOpenPlans(stage, db),
  pages: () => pages(stage),
  timers: () => timers(stage, db),
  storm: () => storm(stage, db),
  reports: () => reportsOver(stage, db),
  incidents: () => memoryOfIncidents(stage, db),
  intake: () => intake(stage, db),
  similar: () => similar(stage),
  objectives: () => objectives(stage, db),
  accept: async () => {
    for (const connections of [lanes, 4 * lanes]) await acceptPosts(stage, connections);
  },
};
const asked = process.argv.slice(2);
try {
  for (const [name, measure] of Object.entries(figures))
    if (asked.length === 0 || asked.includes(name)) await measure();
} finally {
  await db.end();
  await client.connection.close();
  await stage.stop();
}
