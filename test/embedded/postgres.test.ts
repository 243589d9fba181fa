import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabases } from '../../embedded/databases.ts';
import { type Postgres, preparePostgres } from '../../embedded/postgres.ts';
import { removePidFile } from '../../embedded/pid-file.ts';
import { createSupervisor, type Supervisor } from '../../embedded/supervisor.ts';

let stateDir: string;
let postgres: Postgres;
let supervisor: Supervisor;
const said: string[] = [];

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-postgres-'));
  chmodSync(stateDir, 0o711);
  postgres = await preparePostgres({ stateDir, maxConnections: 20, forTests: true });
  supervisor = supervise();
  await supervisor.run(postgres.plan);
  await createDatabases(postgres);
}, 60_000);

afterAll(async () => {
  await supervisor.stop();
  postgres.tidyUp();
  rmSync(stateDir, { recursive: true, force: true });
});

test('gives each role its own database and no more', async () => {
  const [row] = await ask(
    'evenkeel',
    'SELECT current_user AS who, rolsuper FROM pg_roles WHERE rolname = current_user',
  );

  expect(row).toEqual({ who: 'evenkeel', rolsuper: false });
  await expect(ask('evenkeel', 'CREATE DATABASE more')).rejects.toThrow('permission denied');
});

test('creates databases again without harm', async () => {
  await expect(createDatabases(postgres)).resolves.toBeUndefined();
});

test('listens on no port', async () => {
  const [row] = await ask('postgres', 'SHOW listen_addresses');

  expect(row).toEqual({ listen_addresses: '' });
});

test('adopts a living server by its lock, and takes up the data after a restart', async () => {
  await ask('evenkeel', 'CREATE TABLE kept AS SELECT 42 AS answer');
  // As if the supervisor had been killed between the start and the note of it.
  removePidFile(stateDir, 'postgres');
  const pid = lockedBy();
  const forgotten = supervisor;
  supervisor = supervise();
  await supervisor.run(postgres.plan);
  expect(said).toEqual([`postgres still runs (pid ${pid}): adopted`]);

  await supervisor.stop();
  await forgotten.stop();
  // A lock that names a process which is no PostgreSQL would keep it from starting.
  writeFileSync(join(stateDir, 'postgres', 'data', 'postmaster.pid'), `${process.pid}\n`);
  supervisor = supervise();
  await supervisor.run(postgres.plan);

  expect(lockedBy()).not.toBe(pid);
  expect(await ask('evenkeel', 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
}, 30_000);

const supervise = (): Supervisor => createSupervisor({ stateDir, say: (line) => said.push(line) });

const lockedBy = (): number => parseInt(readFileSync(join(stateDir, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10);

async function ask(role: string, query: string): Promise<unknown[]> {
  const client = new pg.Client(postgres.url(role, role));
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}
