import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act } from '../support/company.ts';
import { type Ops, startOps } from '../support/ops.ts';

const programs = mkdtempSync(join(tmpdir(), 'evenkeel-programs-'));
const journal = join(programs, 'journal');
writeFileSync(join(programs, 'slow'), `#!/bin/sh\necho begun >> ${journal}\nsleep 30\necho ended >> ${journal}\n`);
chmodSync(join(programs, 'slow'), 0o755);

let ops: Ops;
beforeAll(async () => {
  ops = await startOps({}, { EVENKEEL_PROGRAMS_DIR: programs });
});
afterAll(async () => {
  await ops.stop();
  rmSync(programs, { recursive: true });
});

describe('a worker that is stopped and started again', () => {
  test('sends a request that was under way again, under its key, and goes on', async () => {
    await ops.apply({ steps: [act('slow'), act('after')] });
    const letGo = ops.target.hold('POST /slow');
    const plan = await ops.deploy();
    await expect.poll(() => ops.target.calls.filter(({ route }) => route === 'POST /slow')).toHaveLength(1);

    const restarting = ops.restartWorker();
    await new Promise((done) => setTimeout(done, 2_500));
    letGo();
    await restarting;

    await plan.becomes('completed');
    const slow = ops.target.calls.filter(({ route }) => route === 'POST /slow');
    expect(slow).toHaveLength(2);
    expect(new Set(slow.map(({ key }) => key)).size).toBe(1);
    expect(ops.target.calls.filter(({ route }) => route.startsWith('DELETE'))).toEqual([]);
  });

  test('asks a person about a program that was under way, since nobody knows what it did', async () => {
    await ops.apply({ steps: [{ name: 'program', kind: 'command', program: 'slow' }] });
    const plan = await ops.deploy();
    await expect.poll(() => readFileSync(journal, { encoding: 'utf8', flag: 'a+' })).toBe('begun\n');

    await ops.restartWorker();

    await expect.poll(async () => (await plan.runs())[0]?.status, { timeout: 20_000 }).toBe('asking');
    expect((await plan.runs())[0]?.steps[0]?.detail).toContain('was started before and how it ended is unknown');
    expect(readFileSync(journal, 'utf8')).toBe('begun\n');
    await plan.askStep('cid', 'work/program', 'skip', { reason: 'looked at it: nothing was done' });
    await plan.becomes('completed');
  });

  test('carries plans with a window, an approval and a task on where they were', async () => {
    await ops.apply({
      window: { zone: 'UTC', opens: '0 * * * *', lasts: '1h' },
      template: { window: 'window', approvalPolicy: 'second-person' },
      steps: [act('before'), { name: 'look', kind: 'task', title: 'Look', assignee: { team: 'shop' } }, act('behind')],
    });
    const plan = await ops.deploy();
    await plan.vote('ana');
    await expect.poll(async () => (await plan.runs())[0]?.tasks.length, { timeout: 20_000 }).toBe(1);

    await ops.restartWorker();

    await ops.as('dan')('POST', `/v1/tasks/${(await plan.runs())[0]!.tasks[0]!.id}/complete`, {});
    await plan.becomes('completed');
  });
});
