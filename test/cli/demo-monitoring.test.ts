import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endMonitoring } from '../../cli/demo/monitoring.ts';
import { stop } from '../../cli/stop.ts';
import { livingChildren, writePidFile } from '../../embedded/pid-file.ts';
import { isAlive, markOf } from '../../embedded/process.ts';

let stateDir: string;
let demos: ChildProcess[];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-monitoring-'));
  demos = [];
  mkdirSync(join(stateDir, 'bin'));
  for (const name of ['prometheus', 'prometheus-alertmanager']) {
    const file = join(stateDir, 'bin', name);
    writeFileSync(file, '#!/bin/sh\n[ "$1" = --version ] || exec sleep 600\n');
    chmodSync(file, 0o755);
  }
});

afterEach(async () => {
  for (const demo of demos) demo.kill('SIGKILL');
  await stop(stateDir).catch(() => undefined);
  rmSync(stateDir, { recursive: true, force: true });
});

const names = () => livingChildren(stateDir).map(({ name }) => name);

/** A demo that has started its monitoring and is killed then; what it leaves behind. */
const killedDemo = async () => {
  const watched = { stateDir, target: '127.0.0.1:1', hook: 'http://127.0.0.1:1', secret: 'x' };
  const script = `
    import { startMonitoring } from ${JSON.stringify(new URL('../../cli/demo/monitoring.ts', import.meta.url).href)};
    await startMonitoring(${JSON.stringify(watched)});`;
  const env = { ...process.env, PATH: `${join(stateDir, 'bin')}:${process.env['PATH']}` };
  const demo = spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: 'inherit' });
  demos.push(demo);
  await expect.poll(names, { timeout: 10_000 }).toEqual(['alertmanager', 'prometheus']);
  demo.kill('SIGKILL');
  return livingChildren(stateDir);
};

test('what a killed demo leaves behind of its monitoring is stopped by `evenkeel stop`', async () => {
  const left = await killedDemo();

  expect(await stop(stateDir)).toEqual({ supervisor: undefined, survivors: ['prometheus', 'alertmanager'] });

  expect(left.filter(isAlive)).toEqual([]);
});

test('the next demo ends it, and nothing else', async () => {
  const left = await killedDemo();
  const other = spawn('sleep', ['600'], { detached: true });
  demos.push(other);
  const mark = markOf(other.pid!)!;
  writePidFile(stateDir, { ...left[0]!, ...mark, name: 'postgres' });

  await endMonitoring(stateDir);

  expect([left.filter(isAlive), isAlive(mark)]).toEqual([[], true]);
});
