import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { answersWell } from '../embedded/http-probe.ts';
import { freePort } from '../roles/port.ts';
import { findAlertmanager } from '../scripts/prometheus.ts';
import { alertmanagerBody } from '../test/support/monitoring.ts';
import { report } from './figure.ts';
import { type Load, type Loaded, runLoad } from './load.ts';
import { eventsSecret, laneNames, type Stage } from './stage.ts';

/** How many posts of one alert, and of a hundred. */
const counts = { 1: Number(process.env['POSTS'] ?? 20_000), 100: Number(process.env['POSTS_OF_100'] ?? 1_000) };
const connections = 32;
/** Of a hundred alerts as many are errors and open incidents; the others are warnings. */
const errorsInHundred = 5;

let serial = 0;

/** Posts of unique alerts. */
const loadOf = (size: 1 | 100, count: number): Omit<Load, 'url' | 'path' | 'bodies'> => {
  const from = serial;
  serial += 2 * size * count;
  return { count, connections, from };
};

const labelsOf = (index: number): Record<string, string> => ({
  alertname: 'TooManyErrors',
  service: laneNames[index % laneNames.length]!,
  severity: index % 100 < errorsInHundred ? 'error' : 'warning',
  instance: '{serial}',
});

/** A hundred bodies of one alert, or one of a hundred. */
const inBodies = <Part, Body>(
  size: 1 | 100,
  partOf: (index: number) => Part,
  bodyOf: (...parts: Part[]) => Body,
): Body[] => {
  const parts = Array.from({ length: 100 }, (_, index) => partOf(index));
  return size === 100 ? [bodyOf(...parts)] : parts.map((part) => bodyOf(part));
};

/** What is accepted a second, and what of it can be seen a second as an alert that is correlated, from the first byte to the last commit. */
export const intake = async (stage: Stage, db: pg.Pool): Promise<void> => {
  const alertmanager = await startAlertmanager();
  const isCorrelated = async (): Promise<boolean> =>
    (await db.query("select from alert_inbox where state = 'accepted' limit 1")).rows.length === 0;
  const alerts = async (): Promise<number> =>
    Number((await db.query<{ count: string }>('select count(*) from alert')).rows[0]!.count);

  const ours = async (size: 1 | 100, count: number): Promise<Taken> => {
    const before = await alerts();
    const used = stage.processor();
    const loaded = await runLoad({
      ...loadOf(size, count),
      url: stage.url,
      path: '/v1/hooks/alertmanager/monitoring',
      authorization: `Bearer ${eventsSecret}`,
      bodies: inBodies(size, (index) => ({ labels: labelsOf(index), fingerprint: 'of-{serial}' }), alertmanagerBody),
    });
    while (!(await isCorrelated())) await sleep(20);
    const visibleSeconds = (Date.now() - loaded.begun) / 1_000;
    const found = (await alerts()) - before;
    if (found !== size * count || loaded.statuses['202'] !== count)
      throw new Error(`${found} alerts of ${size * count}: ${JSON.stringify(loaded.statuses)}`);
    const costs = Object.entries({ ...stage.processor(), senders: loaded.processor }).map(([process, seconds]) => [
      process,
      Math.round(((seconds - (used[process] ?? 0)) / count) * 1e6),
    ]);
    return { loaded, visibleSeconds, microsecondsEach: Object.fromEntries(costs) as Taken['microsecondsEach'] };
  };
  const theirs = (url: string, size: 1 | 100, count: number): Promise<Loaded> =>
    runLoad({
      ...loadOf(size, count),
      url,
      path: '/api/v2/alerts',
      bodies: inBodies(
        size,
        (index) => ({ labels: labelsOf(index), annotations: { summary: 'Too many errors' } }),
        (...posted) => JSON.stringify(posted),
      ),
    });

  // Compilers and caches are warm by then.
  await ours(1, 2_000);
  for (const size of [1, 100] as const) {
    const count = counts[size];
    const { loaded, visibleSeconds, microsecondsEach } = await ours(size, count);
    const beside = alertmanager && (await theirs(alertmanager.url, size, count));
    report(`accept of posts of ${size === 1 ? 'one alert' : '100 alerts'}`, 'ms', loaded.latencies, {
      connections,
      alertsPerSecond: rate(size, loaded),
      correlatedPerSecond: Math.round((size * count) / visibleSeconds),
      microsecondsEach,
      ...(beside && { alertmanagerPerSecond: rate(size, beside), alertmanagerStatuses: beside.statuses }),
    });
  }
  await alertmanager?.stop();
};

interface Taken {
  loaded: Loaded;
  visibleSeconds: number;
  /** Processor time of each process for one post, from its first byte to its alerts. */
  microsecondsEach: Record<string, number>;
}

const rate = (size: number, { latencies, begun, ended }: Loaded): number =>
  Math.round((size * latencies.length) / ((ended - begun) / 1_000));

/** Debian's Alertmanager, which keeps alerts in memory; undefined where it is not. */
const startAlertmanager = async (): Promise<{ url: string; stop(): Promise<void> } | undefined> => {
  const [program, ...ahead] = findAlertmanager() ?? [];
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const config = join(folder, 'alertmanager.yml');
  writeFileSync(config, JSON.stringify({ route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] }));
  const listen = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${config}`, `--storage.path=${folder}`, `--web.listen-address=${listen}`];
  const server: ChildProcess = spawn(program, [...ahead, ...args, '--cluster.listen-address='], { stdio: 'ignore' });
  const url = `http://${listen}`;
  while (!(await answersWell(`${url}/-/ready`))) await sleep(50);
  return {
    url,
    async stop() {
      const ended = once(server, 'exit');
      if (server.exitCode === null && server.kill('SIGKILL')) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
