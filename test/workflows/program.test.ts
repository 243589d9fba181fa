import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../support/company.ts';
import { type Ops, startOps } from '../support/ops.ts';

const programs = mkdtempSync(join(tmpdir(), 'evenkeel-programs-'));
const program = (name: string, script: string): void => {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
};
const isThere = (file: string): boolean => existsSync(join(programs, file));

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({}, { EVENKEEL_PROGRAMS_DIR: programs });
});
afterAll(async () => {
  await ops.stop();
  rmSync(programs, { recursive: true });
});

describe('a program that runs', () => {
  test('is told to stop when its plan is cancelled, may clean up, and what was done before it is undone', async () => {
    program(
      'migrate',
      `trap 'sleep 0.2; echo released > ${programs}/released; exit 0' TERM
       echo locked > ${programs}/locked; for i in $(seq 1 600); do sleep 0.1; done; echo > ${programs}/finished`,
    );
    const migrate = { name: 'migrate', kind: 'command' as const, program: 'migrate', timeout: '5m' };
    await ops.apply({ steps: [act('before'), migrate] });
    const plan = await ops.deploy();
    await expect.poll(() => isThere('locked')).toBe(true);
    const began = Date.now();

    await plan.ask('cid', 'cancel', { reason: 'the wrong version' });

    const ended = await plan.becomes('cancelled').catch(() => plan.now());
    expect(Date.now() - began).toBeLessThan(15_000);
    expect([isThere('released'), isThere('finished')]).toEqual([true, false]);
    const [run] = await plan.runs();
    expect(run!.steps).toMatchObject([
      { name: 'before', status: 'undone' },
      { name: 'migrate', status: 'failed', detail: 'cancelled, then exit code 0' },
    ]);
    expect(ended.status).toBe('cancelled');
  });

  test('is done when it ends, whatever it has started in the background', async () => {
    program('launch', `sleep 60 & echo $! > ${programs}/child; echo started`);
    await ops.apply({ steps: [{ name: 'launch', kind: 'command', program: 'launch' }] });
    const plan = await ops.deploy();

    expect((await plan.becomes('completed')).activities).toMatchObject([{ name: 'work', status: 'done' }]);
    process.kill(Number(readFileSync(join(programs, 'child'), 'utf8')), 'SIGKILL');
  });
});

test('a request that runs is let come to its answer when its plan is cancelled', async () => {
  await ops.apply({ steps: [act('slow')] });
  const release = ops.target.hold('POST /slow');
  const plan = await ops.deploy();
  await expect.poll(() => ops.target.calls.filter(({ route }) => route === 'POST /slow').length).toBe(1);
  await plan.ask('cid', 'cancel', { reason: 'the wrong version' });
  setTimeout(release, 3_000);

  await plan.becomes('cancelled');

  expect((await plan.runs())[0]!.steps).toMatchObject([{ name: 'slow', status: 'undone' }]);
});

test('a target that asks for time is not asked again before', async () => {
  const asked: number[] = [];
  ops.target.answer('POST /busy', () => {
    asked.push(Date.now());
    return asked.length === 1 ? 503 : 200;
  });
  ops.target.send('POST /busy', { 'retry-after': '3' });
  await ops.apply({ steps: [act('busy', { retry: { attempts: 2, every: '100ms' } })] });
  const plan = await ops.deploy();

  await plan.becomes('completed');

  expect(asked).toHaveLength(2);
  expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(2_900);
});
