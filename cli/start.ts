import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { ChildPlan } from '../embedded/child.ts';
import { answersWell } from '../embedded/http-probe.ts';
import { type Servers, startServers } from '../embedded/index.ts';
import { livingChild } from '../embedded/pid-file.ts';
import { whyNotFree } from '../embedded/ports.ts';
import { besideOwnServers, invalidSettings, settingText } from '../workers/config.ts';
import { settingFaults } from '../workers/settings.ts';
import type { Surroundings } from './example.ts';
import { CommandFailure } from './failure.ts';
import { facts } from './print.ts';
import { type Role, roleCommand } from './role.ts';
import {
  adminTokenFile,
  alreadyRuns,
  claimRun,
  readRun,
  releaseRun,
  settingFor,
  stateDir as usualStateDir,
} from './state.ts';

export interface StackOptions {
  stateDir?: string;
  /** Gives up starting: what runs by then is stopped. */
  signal?: AbortSignal;
}

/** Everything on this machine: PostgreSQL, Temporal, and Evenkeel itself. */
export interface Stack {
  url: string;
  stateDir: string;
  stop: () => Promise<void>;
}

const roleChild = 'evenkeel';
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * `evenkeel start`: runs until it is told to stop, and returns the exit code. With DATABASE_URL and TEMPORAL_ADDRESS
 * it runs one role beside these servers, else everything on this machine.
 */
export async function start(role: Role, { withExample = false } = {}): Promise<number> {
  if (hasOwnServers()) {
    if (withExample)
      throw new CommandFailure(
        2,
        '--with-example works with the servers that evenkeel start brings, not with your own',
      );
    return runRole(role);
  }
  if (role !== 'all') {
    throw new CommandFailure(2, `--role ${role} needs your own servers: set DATABASE_URL and TEMPORAL_ADDRESS`);
  }
  return withExample ? runExample() : runStack();
}

/** The same with the example company and what it works with. */
async function runExample(): Promise<number> {
  const { applyExample, exampleText, startSurroundings } = await import('./example.ts');
  const running = readRun(usualStateDir());
  if (running) throw alreadyRuns(running);
  const around: Surroundings = await startSurroundings(usualStateDir());
  try {
    return await runStack(async (stack) => exampleText(await applyExample(stack), settingFor(stack.stateDir)));
  } finally {
    await around.stop();
  }
}

/**
 * Starts everything in this process and resolves when it is ready. Fails with a `CommandFailure` of code 3 if it runs
 * already, of code 1 if something is in the way; then nothing is left running.
 */
export async function startStack({ stateDir = usualStateDir(), signal }: StackOptions = {}): Promise<Stack> {
  const address = listenAddress();
  const { host, port, url } = address;
  claimRun(stateDir, { address: url });
  try {
    const taken = livingChild(stateDir, roleChild) ? undefined : await whyNotFree(port, host);
    if (taken !== undefined) throw notListening(taken, port, host);
    const servers = await startServers({ stateDir, say: console.log, ...(signal && { signal }) });
    try {
      await servers.run(planRole(stateDir, address, servers));
    } catch (error) {
      await servers.stop();
      throw error;
    }
    const stop = async (): Promise<void> => {
      await servers.stop();
      releaseRun(stateDir);
    };
    return { url, stateDir, stop };
  } catch (error) {
    releaseRun(stateDir);
    throw error;
  }
}

/** `prepare` is called when everything is up, and says what else is ready. */
async function runStack(prepare?: (stack: Stack) => Promise<string>): Promise<number> {
  refuseSettings();
  const since = Date.now();
  const asked = new AbortController();
  // The handlers stay, so that an impatient second Ctrl-C does not leave half of it running.
  for (const signal of endSignals) {
    process.on(signal, () => {
      if (!asked.signal.aborted) console.log('Stopping');
      asked.abort();
    });
  }
  // The terminal may be gone before we are.
  process.stdout.on('error', () => undefined);

  try {
    const stack = await startStack({ signal: asked.signal });
    try {
      const prepared = await prepare?.(stack);
      console.log(welcome(stack, Date.now() - since));
      const setting = settingFor(stack.stateDir);
      if (prepared !== undefined) console.log(prepared);
      else if (setting !== undefined) console.log(`In another terminal, begin with: ${setting}`);
      console.log('Ctrl-C stops it.');
      if (!asked.signal.aborted) await once(asked.signal, 'abort');
    } finally {
      await stack.stop();
    }
    return 0;
  } catch (error) {
    if (asked.signal.aborted) return 0;
    throw error;
  }
}

/** Runs one role in the foreground beside servers of the operator's own; its exit code is ours. */
async function runRole(role: Role): Promise<number> {
  const env = { TEMPORAL_NAMESPACE: 'evenkeel', EVENKEEL_STATE_DIR: usualStateDir(), ...process.env };
  const { command, args } = roleCommand(role);
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of endSignals) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}

const planRole = (stateDir: string, { host, port, url }: Address, servers: Servers): ChildPlan => ({
  name: roleChild,
  ...roleCommand('all'),
  env: {
    ...ownSettings(),
    DATABASE_URL: servers.databaseUrl,
    ...servers.temporal,
    TEMPORAL_NAMESPACE: 'evenkeel',
    EVENKEEL_STATE_DIR: stateDir,
    EVENKEEL_HOST: host,
    EVENKEEL_PORT: String(port),
  },
  stopSignals: ['SIGTERM'],
  stopWithinMs: 4000,
  ready: () => answersWell(`${url}/readyz`),
  readyWithinMs: 60_000,
});

/** Evenkeel itself would refuse them as well, and again each time that it is started anew. */
function refuseSettings(): void {
  const errors = settingFaults(besideOwnServers(ownSettings())).map(settingText);
  if (errors.length > 0) throw new CommandFailure(2, invalidSettings, { errors });
}

/** Our own settings are named to the supervisor too: a process left over from a start with others is not adopted. */
export const ownSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && name.startsWith('EVENKEEL_') ? [[name, value]] : [],
    ),
  );

interface Address {
  host: string;
  port: number;
  /** How it is reached from this machine. */
  url: string;
}

/** Where the API listens; fails with code 2 on a port that is none. */
export function listenAddress(): Address {
  const host = process.env['EVENKEEL_HOST'] || '127.0.0.1';
  const port = Number(process.env['EVENKEEL_PORT'] || 7480);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new CommandFailure(2, `EVENKEEL_PORT is ${process.env['EVENKEEL_PORT']}: expected a port from 1 to 65535`);
  }
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { host, port, url: `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}` };
}

function hasOwnServers(): boolean {
  const [database, temporal] = [process.env['DATABASE_URL'], process.env['TEMPORAL_ADDRESS']];
  if (Boolean(database) === Boolean(temporal)) return Boolean(database);
  const [set, missing] = database ? ['DATABASE_URL', 'TEMPORAL_ADDRESS'] : ['TEMPORAL_ADDRESS', 'DATABASE_URL'];
  throw new CommandFailure(2, `${set} is set and ${missing} is not: set both to use your own servers, or neither`);
}

const notListening = (code: string, port: number, host: string): CommandFailure => {
  if (code === 'EADDRINUSE')
    return new CommandFailure(
      1,
      `Port ${port} of ${host} is in use: choose another with EVENKEEL_PORT, such as EVENKEEL_PORT=${port + 10}`,
    );
  if (code === 'EACCES')
    return new CommandFailure(2, `Port ${port} takes more rights than yours: set EVENKEEL_PORT to one above 1023`);
  return new CommandFailure(2, `EVENKEEL_HOST is ${host}: this machine has no such address (${code})`);
};

const welcome = ({ url, stateDir }: Stack, tookMs: number): string =>
  [
    `Evenkeel is ready (${(tookMs / 1000).toFixed(1)} s)`,
    facts([
      ['API', url],
      ['API page', `${url}/docs`],
      ['admin token', adminTokenFile(stateDir)],
      ['state and logs', stateDir],
    ]),
  ].join('\n');
