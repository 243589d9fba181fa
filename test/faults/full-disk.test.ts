import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asFiles, company } from '../support/company.ts';
import { setStage, type Stage } from './stage.ts';

const disk = mkdtempSync(join(tmpdir(), 'evenkeel-disk-'));
const mounting = ['-t', 'tmpfs', '-o', 'size=500m,mode=711', 'none', disk];
/** Only root may make a small disk, and not in every container. */
const hasDisk = process.getuid?.() === 0 && spawnSync('mount', mounting).status === 0;

let stage: Stage | undefined;
beforeAll(async () => {
  if (hasDisk) stage = await setStage('127.0.0.1:9', disk);
});
afterAll(async () => {
  await stage?.stop();
  if (hasDisk) spawnSync('umount', [disk]);
  rmdirSync(disk);
});

const ask = (path: string, body: unknown): Promise<Response> =>
  fetch(`${stage!.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${stage!.adminToken}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });

const deploy = (artifact: string): Promise<Response> =>
  ask('/v1/deployments', { service: 'checkout', environment: 'production', artifact });

const fill = (file: string): void => {
  const descriptor = openSync(file, 'w');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(65_536));
  } catch {
    // Full.
  } finally {
    closeSync(descriptor);
  }
};

test.runIf(hasDisk)(
  'a full disk is an honest 503 within five seconds, and all goes on when there is room',
  async () => {
    expect((await ask('/v1/catalogue', { files: asFiles(company({ target: 'http://127.0.0.1:9' })) })).status).toBe(
      200,
    );
    const filler = join(disk, 'filler');
    fill(filler);

    const statuses: number[] = [];
    let slowest = 0;
    // What PostgreSQL has room for in files that are there is kept, then nothing is.
    while (statuses.length < 400 && statuses.filter((status) => status === 503).length < 20) {
      const since = Date.now();
      statuses.push((await deploy(`full-${statuses.length}`)).status);
      slowest = Math.max(slowest, Date.now() - since);
    }
    expect(new Set(statuses).difference(new Set([202, 503]))).toEqual(new Set());
    expect(statuses.slice(-1)).toEqual([503]);
    expect(slowest).toBeLessThan(5_000);

    rmSync(filler);
    await expect.poll(async () => (await deploy('afterwards')).status, { timeout: 60_000, interval: 500 }).toBe(202);
  },
);
