import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Role } from '../../cli/role.ts';
import { start, startStack } from '../../cli/start.ts';
import { claimRun, readRun, releaseRun } from '../../cli/state.ts';
import { writeJsonFile } from '../../embedded/json-file.ts';
import { status } from '../../cli/status.ts';
import { stop } from '../../cli/stop.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-start-'));
  vi.stubEnv('EVENKEEL_STATE_DIR', stateDir);
  vi.stubEnv('DATABASE_URL', '');
  vi.stubEnv('TEMPORAL_ADDRESS', '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(stateDir, { recursive: true, force: true });
});

test('refuses a second start, and names the address of the first', async () => {
  claimRun(stateDir, { address: 'http://127.0.0.1:7480' });

  const starting = startStack();

  await expect(starting).rejects.toMatchObject({
    exitCode: 3,
    message: `Evenkeel already runs: http://127.0.0.1:7480 (pid ${process.pid})`,
  });
});

test('starts over the claim of a supervisor that is dead', () => {
  const { supervisor } = claimRun(stateDir, { address: 'http://127.0.0.1:7480' });
  const recycled = { ...supervisor, startedAt: 'long ago' };
  writeJsonFile(join(stateDir, 'run.json'), { supervisor: recycled, address: 'http://127.0.0.1:1' });
  expect(readRun(stateDir)).toBeUndefined();

  claimRun(stateDir, { address: 'http://127.0.0.1:2' });

  expect(readRun(stateDir)?.address).toBe('http://127.0.0.1:2');
  releaseRun(stateDir);
  expect(readRun(stateDir)).toBeUndefined();
});

test('tells how to choose another port when somebody else has it, and gives the state folder free', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => {
      const address = other.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  vi.stubEnv('EVENKEEL_PORT', String(port));

  await expect(startStack()).rejects.toThrow(/Port .* is in use: choose another with EVENKEEL_PORT/);
  vi.stubEnv('EVENKEEL_HOST', '192.0.2.1');
  await expect(startStack()).rejects.toThrow('EVENKEEL_HOST is 192.0.2.1: this machine has no such address');
  vi.stubEnv('EVENKEEL_HOST', '');

  expect(readRun(stateDir)).toBeUndefined();
  other.close();
});

test.each<[string, Record<string, string>, Role, string]>([
  ['one server of two', { DATABASE_URL: 'postgresql://localhost/evenkeel' }, 'all', 'TEMPORAL_ADDRESS is not'],
  ['a single role without servers of its own', {}, 'api', 'needs your own servers'],
])('calls %s a mistake of usage', async (_, environment, role, words) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);

  await expect(start(role)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(words) });
});

test('does not mix the example company with servers of its own', async () => {
  vi.stubEnv('DATABASE_URL', 'postgresql://localhost/evenkeel');
  vi.stubEnv('TEMPORAL_ADDRESS', 'localhost:7233');

  await expect(start('all', { withExample: true })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('not with your own'),
  });
});

test('says that nothing runs', async () => {
  expect(await status(stateDir)).toMatchObject({ state: 'not running', processes: [] });
  await expect(stop(stateDir)).rejects.toMatchObject({ exitCode: 3 });
});
