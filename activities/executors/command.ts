import { spawn } from 'node:child_process';
import { access, constants, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fill } from '../../domain/catalogue/placeholder.ts';
import type { EffectResult } from '../../domain/ports.ts';
import type { Executor } from './executor.ts';

const mostBytes = 16 * 1024;

/**
 * Runs a program of the programs folder, never through a shell, with an environment of its own. The program's process
 * group is killed when its time is up. The key stands in `EVENKEEL_IDEMPOTENCY_KEY`.
 */
export const executeCommand: Executor<'command'> = async ({ program, arguments: template }, execution) => {
  const { programsFolder, values } = execution;
  const refused = (detail: string): EffectResult => ({ ok: false, detail, neverSent: true });
  if (programsFolder === undefined) return refused('no programs folder is set (EVENKEEL_PROGRAMS_DIR)');
  const path = await programIn(programsFolder, program);
  if (path === undefined) return refused(`the programs folder has no program ${program} that may be run`);
  const filled = template.map((text) => fill(text, values));
  return run(path, filled, execution);
};

/** The program's real path, unless a link leads out of the folder or nobody may execute it. */
export const programIn = async (folder: string, program: string): Promise<string | undefined> => {
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, program))]);
    await access(path, constants.X_OK);
    return dirname(path) === root ? path : undefined;
  } catch {
    return undefined;
  }
};

const run = (
  path: string,
  args: string[],
  { key, timeoutMs, signal }: Parameters<typeof executeCommand>[1],
): Promise<EffectResult> =>
  new Promise((resolve) => {
    const child = spawn(path, args, {
      cwd: dirname(path),
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', EVENKEEL_IDEMPOTENCY_KEY: key },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      if (output.length < mostBytes) output += chunk.toString('utf8').slice(0, mostBytes - output.length);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    let stopped: string | undefined;
    const stop = (why: string): void => {
      stopped ??= why;
      // A program that never started has no group.
      if (child.pid !== undefined) killGroup(child.pid);
      // A child that left the group may hold the other ends; nobody waits for it.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => stop(`not done within ${timeoutMs} ms`), timeoutMs);
    const onAbort = (): void => stop('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const end = (result: EffectResult): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.once('error', (error) =>
      end({ ok: false, detail: `could not be started: ${error.message}`, neverSent: true }),
    );
    child.once('close', (code, killedBy) =>
      end({
        ok: code === 0 && stopped === undefined,
        detail: stopped ?? (killedBy === null ? `exit code ${code}` : `ended by ${killedBy}`),
        output,
      }),
    );
  });

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
};
