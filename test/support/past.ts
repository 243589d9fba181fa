import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../roles/port.ts';
import { findPrometheus, findPromtool } from '../../scripts/prometheus.ts';

/** A counter by its whole name, and how much it grows in the minute that ends at an instant (milliseconds). */
export type Past = Record<string, (at: number) => number>;

const minute = 60_000;

/** Whether this machine has a Prometheus, and the tool that writes its blocks. */
export const hasPrometheus = findPrometheus() !== undefined && findPromtool() !== undefined;

/** A real Prometheus that has counted since `from`, once a minute until `until` (milliseconds), as its own tool writes it. */
export async function startPrometheusWith(
  folder: string,
  past: Past,
  { from, until }: { from: number; until: number },
): Promise<{ url: string; stop(): Promise<void> }> {
  const file = join(folder, 'past.om');
  writeFileSync(file, openMetrics(past, from, until));
  const blocks = ['create-blocks-from', 'openmetrics', '--max-block-duration=1000h', file, join(folder, 'data')];
  execFileSync(findPromtool()!, ['tsdb', ...blocks], { stdio: ['ignore', 'ignore', 'pipe'] });
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, '{}');
  const listen = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, '--storage.tsdb.retention.time=1y'];
  const server = spawn(findPrometheus()!, [...args, `--web.listen-address=${listen}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  const url = `http://${listen}`;
  for (const end = Date.now() + 30_000; !(await isReady(url)); await sleep(50))
    if (Date.now() > end || server.exitCode !== null) throw new Error('Prometheus does not get ready');
  return {
    url,
    async stop() {
      const ended = once(server, 'exit');
      if (server.exitCode === null && server.kill('SIGKILL')) await ended;
    },
  };
}

const isReady = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok ?? false;

const openMetrics = (past: Past, from: number, until: number): string => {
  const lines = Object.entries(past).flatMap(([name, growth]) => {
    const samples: string[] = [`# TYPE ${name.replace(/_total.*/, '')} counter`];
    let value = 0;
    for (let at = from; at <= until; at += minute) samples.push(`${name} ${(value += growth(at))} ${at / 1000}`);
    return samples;
  });
  return [...lines, '# EOF', ''].join('\n');
};
