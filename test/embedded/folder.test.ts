import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makePassable } from '../../embedded/folder.ts';
import { keptFile } from '../../workers/kept-file.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'evenkeel.mjs');

test.runIf(existsSync('/proc'))('a state folder where none can be made is said at once', () => {
  const env = { ...process.env, EVENKEEL_STATE_DIR: '/proc/evenkeel/state', XDG_CACHE_HOME: '/proc/cache' };
  const { status, stderr, signal } = spawnSync(process.execPath, [program, 'start'], {
    env: { ...env, NODE_COMPILE_CACHE: '', DATABASE_URL: '', TEMPORAL_ADDRESS: '' },
    encoding: 'utf8',
    timeout: 10_000,
  });

  expect(signal).toBeNull();
  expect(status).toBe(1);
  expect(stderr).toContain('The state folder /proc/evenkeel/state cannot be written');
});

test.runIf(existsSync('/proc'))('so it is by a process beside servers of its own', () => {
  expect(() => keptFile('/proc/evenkeel/payload-keys', () => 'key')).toThrow(/ENOENT/);
});

test('folders are made passable, and those that exist keep their modes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-folder-'));
  makePassable(join(folder, 'one', 'two'));
  makePassable(join(folder, 'one', 'two'));

  expect(statSync(join(folder, 'one', 'two')).mode & 0o777).toBe(0o711);
  expect(statSync(join(folder, 'one')).mode & 0o777).toBe(0o711);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  rmSync(folder, { recursive: true });
});
