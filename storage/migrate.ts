import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

const folder = new URL('./migrations/', import.meta.url);
const lock = 7_480_001;

/**
 * Brings the schema up to date; any number of processes may do so at once. Each file runs in a transaction of its own.
 * Throws when a file that was applied has changed since, naming it.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(`set lock_timeout = '60s'`);
    await client.query('select pg_advisory_lock($1)', [lock]);
    await client.query(
      'create table if not exists migration (name text primary key, sha256 text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string; sha256: string }>('select name, sha256 from migration');
    const applied: string[] = [];
    for (const name of readdirSync(folder)
      .filter((file) => file.endsWith('.sql'))
      .toSorted()) {
      const text = readFileSync(new URL(name, folder), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      const known = rows.find((row) => row.name === name);
      if (known && known.sha256 !== sha256) throw new Error(`migration ${name} was applied with other content`);
      if (known) continue;
      await apply(client, name, sha256, text);
      applied.push(name);
    }
    return applied;
  } finally {
    await client.end();
  }
}

const apply = async (client: pg.Client, name: string, sha256: string, text: string): Promise<void> => {
  await client.query('begin');
  try {
    await client.query(text);
    await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
};
