import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../roles/port.ts';
import { expect, test } from 'vitest';
import { aPlan, planId } from './a-plan.ts';
import { startFakeApi } from './fake-api.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** The program as a shell starts it; `headOnly` closes the pipe after the first bytes, as `head -1` does. */
const evenkeel = (url: string, argv: string[], { headOnly = false, input = '' } = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, EVENKEEL_URL: url, EVENKEEL_TOKEN: 'evk_test', EVENKEEL_STATE_DIR: '/nowhere' };
    const child = spawn(process.execPath, [main, ...argv], { env });
    child.stdin.end(input);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
      if (headOnly) child.stdout.destroy();
    });
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.once('close', (code) => resolve({ code, out, err }));
  });

test('says its version and what its exit codes mean', async () => {
  const [version, help] = await Promise.all([
    evenkeel('http://127.0.0.1:1', ['--version']),
    evenkeel('http://127.0.0.1:1', ['--help']),
  ]);

  expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
  expect(help).toMatchObject({ code: 0, out: expect.stringContaining('6  conflict') });
});

test('without a server it ends with exit code 7 and says how to start one', async () => {
  const { code, out, err } = await evenkeel(`http://127.0.0.1:${await freePort()}`, ['plan', 'list']);

  expect([code, out]).toEqual([7, '']);
  expect(err).toMatch(/^evenkeel: Evenkeel is not reachable .*\n.*evenkeel start/);
});

test('ends quietly when nobody reads on, and has no colours in a pipe', async () => {
  const items = Array.from({ length: 5000 }, () => aPlan());
  const api = await startFakeApi({ 'GET /v1/operation-plans': { body: { items } } });

  const { code, out, err } = await evenkeel(api.url, ['plan', 'list'], { headOnly: true });

  expect([code, err]).toEqual([0, '']);
  expect(out).not.toContain('\u001B');
});

test('applies what comes from standard input', async () => {
  const applied = { revision: 1, dryRun: false, changes: [], warnings: [] };
  const api = await startFakeApi({ 'POST /v1/catalogue': { body: applied } });

  const { code } = await evenkeel(api.url, ['apply', '-'], { input: 'kind: Team\n' });

  expect(code).toBe(0);
  expect(api.heard[0]?.body).toMatchObject({ files: [{ path: 'stdin', text: 'kind: Team\n' }] });
});

test('a refusal reaches the shell as its exit code', async () => {
  const path = `POST /v1/operation-plans/${planId}/resume`;
  const api = await startFakeApi({ [path]: { status: 409, body: { detail: 'the plan is not paused' } } });

  const { code, err } = await evenkeel(api.url, ['plan', 'resume', planId, '--reason', 'r']);

  expect([code, err]).toEqual([6, 'evenkeel: the plan is not paused\n']);
});
