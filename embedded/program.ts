import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system, setPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { signalProcess } from './process.ts';

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

export function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

/** What a program answers to a short question; undefined if it fails or takes longer than ten seconds. */
export async function answerOf([program = '', ...args]: string[], env = {}): Promise<string | undefined> {
  try {
    const options = { timeout: 10_000, cwd: '/', env: { ...process.env, ...env } };
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch {
    return undefined;
  }
}

/** Somebody of this machine. */
export interface User {
  uid: number;
  gid: number;
}

interface Running {
  signal?: AbortSignal;
  env?: Record<string, string>;
  /** Who runs it, if not our own user. */
  user?: User | undefined;
  /** Lets everything else on the machine go first. */
  inBackground?: boolean;
  /** Gets each line that it prints. */
  onLine?: (line: string) => void;
}

/** Runs a program to its end; rejects with its last words if it fails. */
export async function runProgram([program = '', ...args]: string[], running: Running = {}): Promise<void> {
  const { signal, env, user, inBackground = false, onLine } = running;
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    // Not where the operator stands: a go.mod or a pyproject.toml there is not meant.
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...user,
    // A group of its own: giving up must reach its children too, such as compilers and linkers.
    detached: true,
  });
  if (inBackground && child.pid !== undefined) setPriority(child.pid, system.priority.PRIORITY_LOW);
  const giveUp = (): void => {
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGINT');
  };
  signal?.addEventListener('abort', giveUp, { once: true });

  const lastWords: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    createInterface(output).on('line', (line) => {
      lastWords.push(line);
      if (lastWords.length > 10) lastWords.shift();
      onLine?.(line);
    });
  }
  try {
    const [code] = await once(child, 'close');
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`${[program, ...args].join(' ')} failed:\n${lastWords.join('\n')}`);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}
