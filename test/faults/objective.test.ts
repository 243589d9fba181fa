import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../workers/config.ts';
import { createClient } from '../../workers/temporal.ts';
import { asFiles, company } from '../support/company.ts';
import { type FakePrometheus, startFakePrometheus } from '../support/prometheus.ts';
import { parts, setStage, type Stage } from './stage.ts';

/** Kills of a worker that measures; `npm run test:faults` asks for more than the whole suite does. */
const kills = Number(process.env['FAULT_KILLS'] ?? 1);
const [minute, hour] = [60_000, 3_600_000];
const window = 28 * 24 * hour;

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-clock-'));
const clock = join(folder, 'behind');
let stage: Stage;
let prometheus: FakePrometheus;
let db: pg.Pool;
let client: Client;
beforeAll(async () => {
  prometheus = await startFakePrometheus();
  prometheus.gives((query, end) => slotOf(end - minute)[query === 'bad' ? 'bad' : 'total']);
  // Evenkeel believes that it is an hour ago, until it is started again.
  writeFileSync(clock, String(hour));
  stage = await setStage(new URL(prometheus.url).host, undefined, {
    FAULT_CLOCK: clock,
    NODE_OPTIONS: `--import ${import.meta.resolve('./clock.ts')}`,
  });
  db = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
  db.on('error', () => {});
  client = createClient(readConfig(stage.env), 'fault test');
});
afterAll(async () => {
  await client?.connection.close();
  await db?.end();
  await stage?.stop();
  await prometheus?.stop();
  rmSync(folder, { recursive: true });
});

/** What the source has of the slot that begins then; hardly any other has the same. */
const slotOf = (at: number): { bad: number; total: number } => {
  const number = at / minute;
  return { bad: number % 7, total: 1_000 + (number % 997) };
};

/** Another source is another series, which is measured from the beginning of its window. */
const apply = async (source: string): Promise<void> => {
  const files = asFiles(company({ target: 'http://127.0.0.1:9', prometheus: `${prometheus.url}/${source}` }));
  const reply = await fetch(`${stage.url}/v1/catalogue`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ files }),
  });
  expect(reply.status).toBe(200);
};
const measure = async (): Promise<void> => {
  const workflowId = `objective/fault-${crypto.randomUUID()}/checkout-availability`;
  const start = () => client.workflow.start('measureObjectives', { taskQueue: 'operations', workflowId });
  // A worker makes the namespace when it comes up.
  await expect
    .poll(
      () =>
        start().then(
          () => true,
          () => false,
        ),
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true);
};

interface Series {
  series: string;
  from: number;
  until: number;
}
/** The series that was begun last, as soon as it fits. */
const newest = async (fits: (series: Series) => boolean, timeoutMs = 120_000): Promise<Series> => {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) {
    const { rows } = await db
      .query<{ series: string; measured_from: Date; measured_until: Date }>(
        'select series, measured_from, measured_until from objective_series order by xmin::text::bigint desc limit 1',
      )
      .catch(() => ({ rows: [] }));
    const [row] = rows;
    const known = row && { series: row.series, from: row.measured_from.getTime(), until: row.measured_until.getTime() };
    if (known && fits(known)) return known;
  }
  throw new Error('it was not measured in time');
};
const reaches = (until: number) => (known: Series) =>
  known.until > until - 3 * minute && known.from < until - window + 3 * minute;

/** Slots that are not there, or are not what the source has. */
const wrongIn = async ({ series, from, until }: Series): Promise<string[]> => {
  const { rows } = await db.query<{ at: Date; good: number; total: number }>(
    'select at, good, total from objective_slot where series = $1 and at >= $2 and at < $3',
    [series, new Date(from), new Date(until)],
  );
  const known = new Map(rows.map(({ at, good, total }) => [at.getTime(), { bad: total - good, total }]));
  const wrong: string[] = [];
  for (let at = from; at < until; at += minute) {
    const [found, there] = [known.get(at), slotOf(at)];
    if (found?.bad !== there.bad || found.total !== there.total) wrong.push(new Date(at).toISOString());
  }
  return wrong;
};
/** Hours whose sums are not those of their slots: what counts twice, or not at all. */
const wrongHours = async ({ series }: Series): Promise<unknown[]> => {
  const { rows } = await db.query(
    `select h.at from objective_hour h full join (
       select date_trunc('hour', at, 'UTC') as at, count(*) as slots, sum(good) as good, sum(total) as total
       from objective_slot where series = $1 group by 1) s on s.at = h.at
     where coalesce(h.series, $1) = $1 and (h.slots, h.good, h.total) is distinct from (s.slots::int, s.good, s.total)`,
    [series],
  );
  return rows;
};

test('after an hour without us every slot of it is there, once, as its source has it', async () => {
  await apply('first');
  await measure();
  const before = await newest(reaches(Date.now() - hour));
  expect(before.until).toBeLessThanOrEqual(Date.now() - hour);
  expect(await wrongIn(before)).toEqual([]);

  // A power cut, and it is an hour later when all is back.
  writeFileSync(clock, '0');
  for (const part of parts) stage.kill(part);
  // Its own schedule measures it.
  const after = await newest(reaches(Date.now()), 180_000);
  expect(after.series).toBe(before.series);
  expect((after.until - before.until) / minute).toBeGreaterThanOrEqual(58);
  expect(await wrongIn(after)).toEqual([]);
  expect(await wrongHours(after)).toEqual([]);
});

test('whenever a worker is killed that measures: no slot is missing, and none counts twice', async () => {
  let slots = 0;
  for (let count = 0; count < kills; count += 1) {
    const { series } = await newest(() => true);
    await apply(`killed-${count}`);
    await measure();
    await newest((known) => known.series !== series);
    await sleep((count * 389) % 1_500);
    for (let tries = 0; tries < 100 && !stage.kill('worker'); tries += 1) await sleep(100);
    // As the next minute of its schedule would, and what was begun is tried again too.
    await measure();
    const done = await newest((known) => known.series !== series && reaches(Date.now())(known));
    expect(await wrongIn(done)).toEqual([]);
    expect(await wrongHours(done)).toEqual([]);
    slots += (done.until - done.from) / minute;
  }
  console.log(`${kills} kills of a worker that measured ${slots} slots: 0 missing, 0 wrong`);
});
