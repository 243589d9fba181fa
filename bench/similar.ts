import type { Database } from '../storage/database.ts';
import { connect } from '../storage/database.ts';
import { similarIncidents } from '../domain/insight/similar.ts';
import { createInboxStore } from '../storage/inbox.ts';
import { createInsightStore } from '../storage/insight/index.ts';
import { sql } from 'kysely';
import { profileIncidents } from '../workers/insight/profiles.ts';
import { createCatalogueStore } from '../storage/catalogue.ts';
import { pino } from 'pino';
import { random } from '../domain/statistics/bootstrap.rules.ts';
import { report, round } from './figure.ts';
import type { Stage } from './stage.ts';

const count = Number(process.env['INCIDENTS'] ?? 100_000);
const queries = 300;
const kinds = 2_000;
const atOnce = 5_000;
const services = ['checkout', 'search', 'cart', 'login', 'mail', 'stock', 'price', 'tax'];
const nouns = [
  'pool',
  'queue',
  'disk',
  'certificate',
  'replica',
  'cache',
  'node',
  'index',
  'job',
  'gateway',
  'session',
  'lock',
];
const faults = [
  'is empty',
  'is full',
  'has expired',
  'does not answer',
  'lags behind',
  'was evicted',
  'restarts',
  'times out',
];

/** Titles of so many kinds, with what differs each time; a few kinds come very often. */
const titleOf = (next: () => number): string => {
  const kind = Math.floor(kinds * next() ** 3);
  const noun = nouns[kind % nouns.length]!;
  const fault = faults[Math.floor(kind / nouns.length) % faults.length]!;
  return `${noun} of part${String.fromCharCode(97 + (kind % 26))}${String.fromCharCode(97 + (Math.floor(kind / 26) % 26))} ${fault} on node-${Math.floor(next() * 500)} after ${Math.floor(next() * 90)} s`;
};

/** How long it takes to find the incidents that are like one among so many, and to learn of one. */
export const similar = async (stage: Stage): Promise<void> => {
  const { db, close } = connect({ url: stage.databaseUrl, connections: 4 });
  try {
    const next = random(7);
    const numbers: number[] = [];
    for (let from = 0; from < count; from += atOnce)
      numbers.push(...(await insert(db, next, Math.min(atOnce, count - from))));
    const ports = { db, catalogue: createCatalogueStore(db), inbox: createInboxStore(db) };
    const begun = performance.now();
    const log = pino({ level: 'silent' });
    for (let waiting = count; waiting > 0; waiting = await waitingIn(db)) await profileIncidents(ports, log);
    const perSecond = round((count / (performance.now() - begun)) * 1_000);
    console.log(JSON.stringify({ figure: 'incidents profiled', n: count, perSecond }));

    const insight = createInsightStore(db);
    const values: number[] = [];
    let found = 0;
    for (let query = 0; query < queries + 20; query += 1) {
      const number = numbers[Math.floor(next() * numbers.length)]!;
      const started = performance.now();
      found += (await similarIncidents(insight, number, (profiles) => profiles)).length;
      // The first ones warm caches and compilers.
      if (query >= 20) values.push(performance.now() - started);
    }
    report(`similar incidents among ${count}`, 'ms', values, { found: round(found / (queries + 20)) });
  } finally {
    await close();
  }
};

const waitingIn = async (db: Database): Promise<number> => {
  const { rows } = await sql`select from incident where profiled < changes limit 1`.execute(db);
  return rows.length;
};

/** Incidents of the past, as they stand in the database. */
const insert = async (db: Database, next: () => number, most: number): Promise<number[]> => {
  const rows = Array.from({ length: most }, () => {
    const title = titleOf(next);
    const at = new Date(Date.now() - next() * 365 * 86_400_000).toISOString();
    return { title, at, service: services[Math.floor(next() * services.length)] };
  });
  const { rows: inserted } = await sql<{ number: number }>`
    with incoming as (
      select nextval('incident_number') as number, t.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(title text, at timestamptz, service text)
    ), kept as (
      insert into record (reference, kind, workflow_id, team, status, opened_at, closed_at)
      select 'incident/' || number, 'incident', 'incident/' || number, 'shop', 'closed', at, at from incoming returning reference
    )
    insert into incident (number, reference, service, environment, severity, kind, is_open, has_begun, told, commission)
    select number, 'incident/' || number, service, 'production', 'SEV-3', 'real', false, true, 1, jsonb_build_object(
      'number', number, 'kind', 'real', 'title', title, 'team', 'shop', 'service', service, 'environment', 'production', 'severity', 'SEV-3',
      'detectedBy', jsonb_build_object('by', 'person', 'name', 'dan'), 'catalogueRevision', 1, 'detectedAt', at, 'openedAt', at)
    from incoming join kept on kept.reference = 'incident/' || number returning number`.execute(db);
  return inserted.map(({ number }) => number);
};
