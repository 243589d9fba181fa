import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { objectivesIn } from '../domain/objective/named.ts';
import { createCatalogueStore } from '../storage/catalogue.ts';
import { connect } from '../storage/database.ts';
import { asFiles, availability, company, document } from '../test/support/company.ts';
import { startFakePrometheus } from '../test/support/prometheus.ts';
import { report, round } from './figure.ts';
import type { Stage } from './stage.ts';

const count = Number(process.env['OBJECTIVES'] ?? 1_000);
const minutes = Number(process.env['MINUTES'] ?? 3);
const everyMs = 5_000;
const warmUpMs = 150_000;
const appliedAtOnce = 250;
const seriesAtOnce = 25;

/**
 * So many objectives over 28 days, each measured by its schedule: how old the newest slot of each is, sampled over some minutes, and
 * how many are evaluated a minute, with the processor that each takes. Prometheus is a small server in the bench's own process that
 * answers `query_range` in the wire format of Prometheus with one series: what a real one takes to compute is not in the figures.
 */
export const objectives = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const prometheus = await startFakePrometheus();
  prometheus.gives((query) => (query.includes('bad') ? 0 : 100));
  try {
    await promise(stage, prometheus.url);
    await remember(await seriesOf(stage), db);
    const since = Date.now();
    while ((await evaluatedSince(db, since)) < count && Date.now() < since + warmUpMs) await sleep(everyMs);
    // With the making of their schedules; where it is the longest time, some were not evaluated by then.
    const secondsToAll = round((Date.now() - since) / 1_000);
    await watch(stage, db, secondsToAll);
  } finally {
    await prometheus.stop();
  }
};

/** Promises so much of one service, each another question. */
const promise = async ({ admin, target }: Stage, prometheus: string): Promise<void> => {
  const query = (text: string) => ({ metricSource: { spec: { query: text } } });
  const slos = Array.from({ length: count }, (_, at) => {
    const name = `objective-${String(at).padStart(4, '0')}`;
    const ratioMetric = { bad: query(`bad{n="${at}"}`), total: query(`total{n="${at}"}`) };
    return document('SLO', name, { ...availability, indicator: { metadata: { name }, spec: { ratioMetric } } });
  });
  await admin.command('/v1/catalogue', { files: asFiles(company({ target, prometheus })) });
  for (let at = 0; at < count; at += appliedAtOnce)
    await admin.command('/v1/catalogue', { files: asFiles(slos.slice(at, at + appliedAtOnce)) });
};

const seriesOf = async ({ databaseUrl }: Stage): Promise<string[]> => {
  const { db, close } = connect({ url: databaseUrl, connections: 1 });
  const all = await objectivesIn(createCatalogueStore(db), Date.now());
  await close();
  return all.map(({ series }) => series);
};

/** What four weeks have left of each series: every hour, and the minutes of those at which a window begins or ends now. */
const remember = async (series: readonly string[], db: pg.Pool): Promise<void> => {
  for (let at = 0; at < series.length; at += seriesAtOnce) {
    const some = series.slice(at, at + seriesAtOnce);
    await db.query(
      `insert into objective_hour select s, at, 6000, 6000, 60, 0 from unnest($1::text[]) as s,
         generate_series(date_trunc('hour', now()) - interval '29 days', date_trunc('hour', now()) - interval '1 hour', interval '1 hour') as at
       on conflict do nothing`,
      [some],
    );
    await db.query(
      `insert into objective_slot select s, minute, 100, 100 from unnest($1::text[]) as s,
         unnest(array[7, 6, 5, 4, 3, 2, 1, 0, 25, 24, 23, 73, 72, 71, 673, 672, 671]) as hours,
         generate_series(date_trunc('hour', now()) - hours * interval '1 hour',
           least(date_trunc('hour', now()) - (hours - 1) * interval '1 hour', date_trunc('minute', now()) - interval '1 minute') - interval '1 minute',
           interval '1 minute') as minute
       on conflict do nothing`,
      [some],
    );
    await db.query(
      `insert into objective_series select s, now() - interval '29 days', date_trunc('minute', now()) - interval '1 minute', now()
       from unnest($1::text[]) as s on conflict do nothing`,
      [some],
    );
  }
  await db.query('analyze objective_slot, objective_hour, objective_series');
};

const evaluatedSince = async (db: pg.Pool, since: number): Promise<number> => {
  const { rows } = await db.query<{ n: number }>(
    'select count(*)::int as n from objective where evaluated_at > to_timestamp($1 / 1000.0)',
    [since],
  );
  return rows[0]!.n;
};

/** Samples all objectives every few seconds, more often than any is evaluated. */
const watch = async (stage: Stage, db: pg.Pool, secondsToAll: number): Promise<void> => {
  const ages: number[] = [];
  const seen = new Map<string, string>();
  let evaluated = 0;
  const before = stage.processor();
  // From the first sample to the last one.
  let [begun, until] = [Date.now(), Date.now()];
  while (until < begun + minutes * 60_000) {
    const { rows } = await db.query<{ name: string; evaluated: string; age: number }>(
      `select o.name, o.evaluated_at::text as evaluated, extract(epoch from now() - s.measured_until)::float8 as age
       from objective o join objective_series s on s.series = o.state->>'series' where o.name like 'objective-%'`,
    );
    until = Date.now();
    if (seen.size === 0) begun = until;
    for (const { name, evaluated: at, age } of rows) {
      ages.push(age);
      if (seen.has(name) && seen.get(name) !== at) evaluated += 1;
      seen.set(name, at);
    }
    await sleep(everyMs);
  }
  const processor = Object.entries(stage.processor()).map(([name, seconds]): [string, number] => [
    name,
    round(((seconds - (before[name] ?? 0)) / evaluated) * 1_000),
  ]);
  const perMinute = round(evaluated / ((until - begun) / 60_000));
  report('age of the newest slot of each objective', 's', ages, {
    objectives: seen.size,
    minutes,
    perMinute,
    secondsToAll,
    msOfProcessorEach: Object.fromEntries(processor),
  });
};
