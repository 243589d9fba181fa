import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChildPlan } from '../../embedded/child.ts';
import { livingChild, livingChildren, type PidFile, writePidFile } from '../../embedded/pid-file.ts';
import { isAlive, markOf, signalProcess } from '../../embedded/process.ts';
import { createSupervisor, stopSurvivors, type Supervisor } from '../../embedded/supervisor.ts';

let stateDir: string;
let said: string[];
let supervisors: Supervisor[];

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-supervisor-'));
  said = [];
  supervisors = [];
});

afterEach(async () => {
  for (const supervisor of supervisors) await supervisor.stop();
  await stopSurvivors(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
});

test('starts a killed child again after pauses that double', async () => {
  await supervise().run(child(FOREVER));

  for (let kills = 0; kills < 3; kills += 1) {
    const { pid } = await running();
    signalProcess(pid, 'SIGKILL');
    await until(() => livingChild(stateDir, 'child')?.pid !== pid);
  }
  await running();

  expect(said).toEqual([
    'child exited (signal SIGKILL), restarting in 0.05 s',
    'child exited (signal SIGKILL), restarting in 0.1 s',
    'child exited (signal SIGKILL), restarting in 0.2 s',
  ]);
});

test('forgets earlier exits once a child has run long enough', async () => {
  const supervisor = supervise({ firstMs: 20, longestMs: 1000, healthyAfterMs: 0 });
  await supervisor.run(child(FOREVER));

  for (let kills = 0; kills < 2; kills += 1) {
    const { pid } = await running();
    signalProcess(pid, 'SIGKILL');
    await until(() => livingChild(stateDir, 'child')?.pid !== pid);
  }
  await running();

  expect(new Set(said)).toEqual(new Set(['child exited (signal SIGKILL), restarting in 0.02 s']));
});

test('gives up waiting for a child that keeps exiting, and shows the end of its log', async () => {
  const starting = supervise().run(
    child('console.error("no such luck"); process.exit(7)', { ready: async () => false }),
  );

  await expect(starting).rejects.toThrow(/child keeps exiting \(code 7\)[\s\S]*no such luck/);
});

test('waits until the probe says that a child is ready', async () => {
  let asked = 0;

  await supervise().run(child(FOREVER, { ready: async () => (asked += 1) > 3 }));

  expect(asked).toBe(4);
});

test('adopts a child whose supervisor was killed, and keeps it running', async () => {
  const left = await leaveBehind();

  await supervise().run(leftChild());
  expect(said).toEqual([`child still runs (pid ${left.pid}): adopted`]);

  signalProcess(left.pid, 'SIGKILL');
  await until(() => said.length > 1);
  expect(said[1]).toBe('child exited, restarting in 0.05 s');
  expect((await running()).pid).not.toBe(left.pid);
});

test('replaces a child that was left running with other settings', async () => {
  const left = await leaveBehind();

  await supervise().run({ ...leftChild(), env: { SETTING: 'new' } });

  expect(isAlive(left)).toBe(false);
  expect((await running()).pid).not.toBe(left.pid);
});

test('does not adopt a pid that was given to another process', async () => {
  const stranger = spawn(process.execPath, ['-e', FOREVER], { stdio: 'ignore' });
  const left = await leaveBehind();
  signalProcess(left.pid, 'SIGKILL');
  writePidFile(stateDir, { ...left, pid: stranger.pid ?? 0 });

  await supervise().run(leftChild());

  expect((await running()).pid).not.toBe(stranger.pid);
  expect(stranger.exitCode).toBeNull();
  stranger.kill('SIGKILL');
});

test('stops a child with all its descendants, even one that ignores the signals', async () => {
  const grandchild = join(stateDir, 'grandchild');
  const supervisor = supervise();
  const script = `
    process.on('SIGTERM', () => {});
    const { spawn } = require('node:child_process');
    const { pid } = spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}], { stdio: 'ignore' });
    require('node:fs').writeFileSync(${JSON.stringify(grandchild)}, String(pid));
    ${FOREVER}`;
  await supervisor.run(child(script));
  const { pid } = await running();
  const descendant = await until(() => markOf(Number(contentOf(grandchild))));

  await supervisor.stop();

  expect(markOf(pid)).toBeUndefined();
  await until(() => !isAlive(descendant));
  expect(livingChildren(stateDir)).toEqual([]);
});

test('what cannot be written down, on a full disk, does not stay: nobody would find it again', async () => {
  // A file where the folder belongs stands for the disk.
  writeFileSync(join(stateDir, 'pids'), '');
  const seen = join(stateDir, 'seen');
  const script = `require('fs').appendFileSync(${JSON.stringify(seen)}, process.pid + '\\n'); ${FOREVER}`;

  await expect(supervise().run(child(script, { readyWithinMs: 1_000 }))).rejects.toThrow(/keeps exiting|not ready/);

  const left = (contentOf(seen) ?? '')
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => markOf(pid) !== undefined);
  expect(left).toEqual([]);
  rmSync(join(stateDir, 'pids'));
});

test('stops the last started child first', async () => {
  const supervisor = supervise();
  const log = join(stateDir, 'order');
  const leaves = (name: string): string =>
    `process.on('SIGTERM', () => { require('node:fs').appendFileSync(${JSON.stringify(log)}, '${name} '); process.exit(); });
     require('node:fs').writeFileSync(${JSON.stringify(join(stateDir, name))}, ''); ${FOREVER}`;
  for (const name of ['first', 'second']) {
    await supervisor.run({
      ...child(leaves(name)),
      name,
      ready: async () => contentOf(join(stateDir, name)) !== undefined,
    });
  }

  await supervisor.stop();

  expect(contentOf(log)).toBe('second first ');
});

const FOREVER = 'setInterval(() => {}, 1000)';

const child = (script: string, changes: Partial<ChildPlan> = {}): ChildPlan => ({
  name: 'child',
  command: process.execPath,
  args: ['-e', script],
  stopSignals: ['SIGTERM'],
  stopWithinMs: 200,
  readyWithinMs: 5000,
  ...changes,
});

const leftChild = (): ChildPlan => child(FOREVER);

function supervise(pace = { firstMs: 50, longestMs: 1000, healthyAfterMs: 60_000 }): Supervisor {
  const supervisor = createSupervisor({ stateDir, say: (line) => said.push(line), pace });
  supervisors.push(supervisor);
  return supervisor;
}

const running = (): Promise<PidFile> => until(() => livingChild(stateDir, 'child'));

/** A supervisor in a process of its own, killed as soon as its child runs. */
async function leaveBehind(): Promise<PidFile> {
  const supervisor = join(import.meta.dirname, '..', '..', 'embedded', 'supervisor.ts');
  const script = `
    import { createSupervisor } from ${JSON.stringify(supervisor)};
    const supervisor = createSupervisor({ stateDir: ${JSON.stringify(stateDir)}, say: () => {} });
    await supervisor.run(${JSON.stringify(leftChild())});`;
  const host = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  const left = await running();
  host.kill('SIGKILL');
  return left;
}

async function until<Found>(find: () => Found): Promise<NonNullable<Exclude<Found, false>>> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const found = find();
    if (isFound(found)) return found;
    await sleep(10);
  }
  throw new Error(`It did not happen in ten seconds; said was:\n${said.join('\n')}`);
}

const isFound = <Found>(found: Found): found is NonNullable<Exclude<Found, false>> => Boolean(found);

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
