import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { ChildPlan } from '../embedded/child.ts';
import { answersWell } from '../embedded/http-probe.ts';
import { startServers } from '../embedded/index.ts';
import { livingChild } from '../embedded/pid-file.ts';
import { isFree } from '../embedded/ports.ts';
import { adminTokenFile, claimRun, CommandFailure, releaseRun, stateDir as usualStateDir, updateRun } from './state.ts';

const ROLES = ['all', 'api', 'worker', 'deliverer'] as const;
export type Role = (typeof ROLES)[number];

export type StartOptions = {
  /** Which part to run; other than `all` only beside servers of one's own. */
  role?: string;
};

export type StackOptions = {
  stateDir?: string;
  /** Says nothing while all goes well. */
  quiet?: boolean;
  /** Gives up starting: what runs by then is stopped. */
  signal?: AbortSignal;
  /** The program of the role process; another one only in tests. */
  program?: string;
};

/** Everything on this machine: PostgreSQL, Temporal, and Evenkeel itself. */
export type Stack = {
  url: string;
  temporalUiUrl: string | undefined;
  stateDir: string;
  stop: () => Promise<void>;
};

const ROLE_PROGRAM = join(import.meta.dirname, '..', 'roles', 'main.ts');
const ROLE_CHILD = 'evenkeel';

/**
 * `evenkeel start`: runs until it is told to stop, and returns the exit code. With DATABASE_URL and TEMPORAL_ADDRESS
 * it runs one role beside these servers, else everything on this machine.
 */
export async function start({ role = 'all' }: StartOptions = {}): Promise<number> {
  try {
    if (!isRole(role)) throw new CommandFailure(2, `There is no role ${role}: choose one of ${ROLES.join(', ')}`);
    if (hasOwnServers()) return await runRole(role);
    if (role !== 'all') {
      throw new CommandFailure(2, `--role ${role} needs servers of your own: set DATABASE_URL and TEMPORAL_ADDRESS`);
    }
    return await runStack();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof CommandFailure ? error.exitCode : 1;
  }
}

/**
 * Starts everything in this process and resolves when it is ready. Fails with a `CommandFailure` of code 3 if it runs
 * already, of code 1 if something is in the way; then nothing is left running.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { stateDir = usualStateDir(), quiet = false, signal, program = ROLE_PROGRAM } = options;
  const say = (line: string): void => {
    if (!quiet) console.log(line);
  };
  const { host, port, url } = listenAddress();
  const run = claimRun(stateDir, { address: url });

  try {
    if (!livingChild(stateDir, ROLE_CHILD) && !(await isFree(port, host))) throw portTaken(port, host);
    const servers = await startServers({ stateDir, say, ...(signal && { signal }) });
    const { databaseUrl, temporalAddress, temporalUiUrl } = servers;
    updateRun(stateDir, { ...run, ...(temporalUiUrl !== undefined && { temporalUiUrl }) });
    const stop = async (): Promise<void> => {
      await servers.stop();
      releaseRun(stateDir);
    };
    try {
      await servers.run(planRole({ program, stateDir, url, host, port, databaseUrl, temporalAddress }));
    } catch (error) {
      await servers.stop();
      throw error;
    }
    servers.startTemporalUi();
    return { url, temporalUiUrl, stateDir, stop };
  } catch (error) {
    releaseRun(stateDir);
    throw error;
  }
}

async function runStack(): Promise<number> {
  const since = Date.now();
  const asked = new AbortController();
  // The handlers stay, so that an impatient second Ctrl-C does not leave half of it running.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!asked.signal.aborted) console.log('Stopping');
      asked.abort();
    });
  }
  // The terminal may be gone before we are.
  process.stdout.on('error', () => undefined);

  try {
    const stack = await startStack({ signal: asked.signal });
    console.log(welcome(stack, Date.now() - since));
    await aborted(asked.signal);
    await stack.stop();
    return 0;
  } catch (error) {
    if (asked.signal.aborted) return 0;
    throw error;
  }
}

/** Runs one role in the foreground beside servers of the operator's own; its exit code is ours. */
async function runRole(role: Role): Promise<number> {
  const env = { TEMPORAL_NAMESPACE: 'evenkeel', EVENKEEL_STATE_DIR: usualStateDir(), ...process.env };
  const child = spawn(process.execPath, [ROLE_PROGRAM, role], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}

type RoleProcess = {
  program: string;
  stateDir: string;
  url: string;
  host: string;
  port: number;
  databaseUrl: string;
  temporalAddress: string;
};

function planRole({ program, stateDir, url, host, port, databaseUrl, temporalAddress }: RoleProcess): ChildPlan {
  return {
    name: ROLE_CHILD,
    command: process.execPath,
    args: [program, 'all'],
    env: {
      ...ownSettings(),
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: 'evenkeel',
      EVENKEEL_STATE_DIR: stateDir,
      EVENKEEL_HOST: host,
      EVENKEEL_PORT: String(port),
    },
    stopSignals: ['SIGTERM'],
    stopWithinMs: 4000,
    ready: () => answersWell(`${url}/readyz`),
    readyWithinMs: 60_000,
  };
}

/** Our own settings are named to the supervisor too: a process left over from a start with others is not adopted. */
const ownSettings = (): Record<string, string> => Object.fromEntries(Object.entries(process.env).filter(isOwnSetting));

const isOwnSetting = (entry: [string, string | undefined]): entry is [string, string] =>
  entry[1] !== undefined && entry[0].startsWith('EVENKEEL_');

/** Where the API listens, and how it is reached from this machine; fails with code 2 on a port that is none. */
export function listenAddress(): { host: string; port: number; url: string } {
  const host = process.env['EVENKEEL_HOST'] || '127.0.0.1';
  const port = Number(process.env['EVENKEEL_PORT'] || 7480);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new CommandFailure(2, `EVENKEEL_PORT is ${process.env['EVENKEEL_PORT']}: it must be a port from 1 to 65535`);
  }
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { host, port, url: `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}` };
}

function hasOwnServers(): boolean {
  const [database, temporal] = [process.env['DATABASE_URL'], process.env['TEMPORAL_ADDRESS']];
  if (Boolean(database) === Boolean(temporal)) return Boolean(database);
  const [set, missing] = database ? ['DATABASE_URL', 'TEMPORAL_ADDRESS'] : ['TEMPORAL_ADDRESS', 'DATABASE_URL'];
  throw new CommandFailure(2, `${set} is set and ${missing} is not: set both to use servers of your own, or none`);
}

const isRole = (role: string): role is Role => ROLES.some((known) => known === role);

const portTaken = (port: number, host: string): CommandFailure =>
  new CommandFailure(
    1,
    `Somebody else listens on port ${port} of ${host}: choose another with EVENKEEL_PORT, such as EVENKEEL_PORT=${port + 10}`,
  );

function welcome({ url, temporalUiUrl, stateDir }: Stack, tookMs: number): string {
  return [
    `Evenkeel is ready (${(tookMs / 1000).toFixed(1)} s)`,
    `  API              ${url}`,
    `  API page         ${url}/docs`,
    ...(temporalUiUrl === undefined ? [] : [`  Temporal UI      ${temporalUiUrl}`]),
    `  admin token      ${adminTokenFile(stateDir)}`,
    `  state and logs   ${stateDir}`,
    'Ctrl-C stops it.',
  ].join('\n');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
