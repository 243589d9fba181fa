import pg from 'pg';
import type { Postgres } from './postgres.ts';

/** Each database with the role that owns it; no role is a superuser. */
const owners = { evenkeel: 'evenkeel', temporal: 'temporal', temporal_visibility: 'temporal' };

/** Makes the roles and databases that are missing. */
export async function createDatabases(postgres: Postgres): Promise<void> {
  await withClient(postgres.url('postgres', 'postgres'), async (client) => {
    const roles = await names(client, 'SELECT rolname AS name FROM pg_roles');
    for (const role of new Set(Object.values(owners))) {
      if (!roles.has(role)) await client.query(`CREATE ROLE ${role} LOGIN`);
    }
    const databases = await names(client, 'SELECT datname AS name FROM pg_database');
    for (const [database, owner] of Object.entries(owners)) {
      if (!databases.has(database)) await client.query(`CREATE DATABASE ${database} OWNER ${owner} STRATEGY file_copy`);
    }
  });
}

/** Whether Temporal's schema tool has worked on this database before. */
export async function hasSchema(postgres: Postgres, database: string): Promise<boolean> {
  return withClient(postgres.url('temporal', database), async (client) =>
    (await names(client, "SELECT to_regclass('schema_version')::text AS name")).has('schema_version'),
  );
}

async function names(client: pg.Client, query: string): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(query);
  return new Set(rows.map(({ name }) => name));
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // Without a listener, a server that goes away would take this process along.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
