import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ChildPlan } from './child.ts';
import { makePassable } from './folder.ts';
import { installPostgres } from './postgres-binaries.ts';
import { forgetDeadPostmaster, postmasterOf, takesConnections } from './postmaster.ts';
import { runProgram, type User } from './program.ts';
import { hasCode } from './system-error.ts';

export interface PostgresOptions {
  stateDir: string;
  maxConnections: number;
  /** Gives up durability for speed: for tests alone. */
  forTests: boolean;
}

/** A PostgreSQL server that listens on a unix socket and nowhere else. */
export interface Postgres {
  plan: ChildPlan;
  socketDir: string;
  port: number;
  /** A connection string; the role `postgres` is the superuser. */
  url: (role: string, database: string) => string;
  /** To be called when the server is stopped for good. */
  tidyUp: () => void;
}

// No TCP port: this number only names the socket file.
const port = 5432;
const superuser = 'postgres';
// The system's limit is 104 bytes on macOS and 108 on Linux, for folder and file name together.
const longestSocketPath = 100;

/** Makes ready everything that PostgreSQL needs on disk; the returned plan starts it. */
export async function preparePostgres({ stateDir, maxConnections, forTests }: PostgresOptions): Promise<Postgres> {
  const postgresDir = join(stateDir, 'postgres');
  const dataDir = join(postgresDir, 'data');
  makePassable(postgresDir);

  const user = userFor(dataDir);
  if (user) assertCanEnter(postgresDir, user);
  const programs = installPostgres(postgresDir);
  if (!existsSync(dataDir)) await initialize(dataDir, programs, user, forTests);
  const socketDir = prepareSocketDir(postgresDir, user);

  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketDir,
    max_connections: maxConnections,
    shared_buffers: '64MB',
    jit: 'off',
    log_checkpoints: 'off',
    ...(forTests && { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);

  return {
    socketDir,
    port,
    tidyUp: () => {
      // The state folder keeps its own; a folder elsewhere would be left behind.
      if (socketDir !== usualSocketDir(postgresDir)) rmSync(socketDir, { recursive: true, force: true });
    },
    url: (role, database) => `postgresql://${role}@/${database}?host=${encodeURIComponent(socketDir)}&port=${port}`,
    plan: {
      name: 'postgres',
      command: join(programs, 'postgres'),
      args: ['-D', dataDir, '-p', `${port}`, ...options],
      // The other user cannot enter a private home, so the working directory must be one that all can.
      cwd: '/',
      user,
      // Fast shutdown, then immediate shutdown, which takes the backends along.
      stopSignals: ['SIGINT', 'SIGQUIT'],
      stopWithinMs: 3000,
      ready: async () => takesConnections(dataDir),
      readyWithinMs: 60_000,
      prepare: () => forgetDeadPostmaster(dataDir),
      survivor: () => postmasterOf(dataDir),
    },
  };
}

/** initdb into a folder that gets its name when it is whole, so that a `kill -9` leaves nothing half made. */
async function initialize(dataDir: string, programs: string, user: User | undefined, forTests: boolean): Promise<void> {
  const unfinished = `${dataDir}-${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (user) chownSync(unfinished, user.uid, user.gid);
  const args = ['-D', unfinished, '-U', superuser, '--encoding=UTF8', '--locale=C.UTF-8'];
  args.push('--auth-local=trust', '--auth-host=reject', ...(forTests ? ['--no-sync'] : []));
  try {
    await runProgram([join(programs, 'initdb'), ...args], { user });
    renameSync(unfinished, dataDir);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`, and goes on as whoever owns the data. */
function userFor(dataDir: string): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(dataDir)) {
    const { uid, gid } = statSync(dataDir);
    return { uid, gid };
  }
  for (const name of ['postgres', 'nobody']) {
    try {
      const ask = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: ask('-u'), gid: ask('-g') };
    } catch {
      // This machine has no such user.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user postgres or nobody: run Evenkeel as another user',
  );
}

function assertCanEnter(folder: string, { uid, gid }: User): void {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const { mode, uid: owner, gid: group } = statSync(at);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if (!(mode & bit)) {
      throw new Error(
        `PostgreSQL does not run as root, and the user it runs as (uid ${uid}) cannot enter ${at}: ` +
          `chmod o+x ${at}, or set EVENKEEL_STATE_DIR to another folder`,
      );
    }
  }
}

const usualSocketDir = (postgresDir: string): string => join(postgresDir, 'socket');

/** Trust is given to whoever can open the socket, so its folder is closed to everybody else. */
function prepareSocketDir(postgresDir: string, user: User | undefined): string {
  const usual = usualSocketDir(postgresDir);
  const fits = Buffer.byteLength(join(usual, `.s.PGSQL.${port}`)) < longestSocketPath;
  const name = hash('sha256', postgresDir).slice(0, 16);
  const socketDir = fits ? usual : join(tmpdir(), `evenkeel-${name}`);

  try {
    mkdirSync(socketDir, { mode: 0o700 });
    if (user) chownSync(socketDir, user.uid, user.gid);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const { uid } = lstatSync(socketDir);
  const expected = user?.uid ?? process.getuid?.();
  if (!lstatSync(socketDir).isDirectory() || uid !== expected) {
    throw new Error(`${socketDir} should be a folder of uid ${expected}, and is not: remove it`);
  }
  chmodSync(socketDir, 0o700);
  return socketDir;
}
