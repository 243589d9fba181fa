import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isAlive, markOf, signalProcess } from '../../embedded/process.ts';

const script = `
  import { endWithNpm } from ${JSON.stringify(new URL('../../cli/demo/parent.ts', import.meta.url).href)};
  endWithNpm(() => process.exit());
  setInterval(() => {}, 1_000);
  console.log(process.pid);`;

/** A process whose shell has been ended; npm runs it or does not. */
const orphan = async (env: Record<string, string>) => {
  const shell = spawn('sh', ['-c', '"$0" --input-type=module -e "$1"; true', process.execPath, script], {
    env: { PATH: process.env['PATH'], ...env },
  });
  const [said] = (await once(shell.stdout, 'data')) as [Buffer];
  const mark = markOf(Number(said.toString()))!;
  shell.kill('SIGTERM');
  await once(shell, 'exit');
  return mark;
};

test('what npm runs ends with npm', async () => {
  const mark = await orphan({ npm_lifecycle_event: 'demo' });

  await expect.poll(() => isAlive(mark), { timeout: 5_000 }).toBe(false);
});

test('what somebody else has started goes on without them', async () => {
  const mark = await orphan({});

  await sleep(1_200);

  expect(isAlive(mark)).toBe(true);
  signalProcess(mark.pid, 'SIGKILL');
});
