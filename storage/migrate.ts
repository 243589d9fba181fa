import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';

const folder = new URL('./migrations/', import.meta.url);
const lockTimeoutMs = 60_000;

/**
 * Brings the schema up to date; any number of processes may do so at once. All files that are due run in one
 * transaction. Throws when a file that was applied has changed since, naming it.
 */
export async function migrate(url: string): Promise<string[]> {
  const pool = new pg.Pool({ connectionString: url, max: 1, lock_timeout: lockTimeoutMs });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const { error, results = [] } = await new Migrator({
      db,
      provider: { getMigrations: readFiles },
    }).migrateToLatest();
    if (error instanceof Error && error.message.startsWith('corrupted migrations'))
      throw new Error(`the database was made by another version of Evenkeel: use one of its own (${error.message})`, {
        cause: error,
      });
    if (error !== undefined) throw error;
    return results.map(({ migrationName }) => migrationName.split(' ')[0]!);
  } finally {
    await db.destroy();
  }
}

/** Each file under its name and its digest: one that has changed is another migration, and the one applied is missing. */
const readFiles = (): Promise<Record<string, Migration>> =>
  Promise.resolve(
    Object.fromEntries(
      readdirSync(folder)
        .filter((file) => file.endsWith('.sql'))
        .map((file) => {
          const text = readFileSync(new URL(file, folder), 'utf8');
          return [`${file} ${hash('sha256', text)}`, { up: async (db) => void (await sql.raw(text).execute(db)) }];
        }),
    ),
  );
