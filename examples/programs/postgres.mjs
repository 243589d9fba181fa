// What the programs for PostgreSQL share. It needs the package pg: run `npm install pg` in the folder of your programs.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Text of a value is the same on every server and in every session. */
const options =
  '-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1 -c search_path=pg_catalog';
const rowsAtOnce = 1_000;

export const quoted = (name) => `"${name.replaceAll('"', '""')}"`;

/** A file of a folder: the runbook says which folder, and whoever requests a plan only which of its files. */
export function fileIn(folder, name) {
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name)) throw new Error(`${name} is no name of a file`);
  return join(folder, name);
}

/** Connects by the URL in a file, so that no password stands in a plan; to another database of the same server if one is named. */
export async function connect(file, database) {
  const url = (await readFile(file, 'utf8')).trim();
  const [, server] = /^(postgres(?:ql)?:\/\/[^/?]*)/.exec(url) ?? [];
  if (server === undefined) throw new Error(`${file} has no URL of PostgreSQL`);
  const connectionString = database === undefined ? url : url.replace(/^[^:]*:\/\/[^?]*/, `${server}/${database}`);
  const client = new pg.Client({ connectionString, options });
  // An error of an idle connection is met by the next query.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Tables with their columns and constraints, in a fixed order. */
export async function tablesOf(client) {
  const { rows } = await client.query(`
    select n.nspname as schema, c.relname as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull) order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      (select json_agg(json_build_object('name', k.conname, 'kind', k.contype, 'definition', pg_get_constraintdef(k.oid)) order by k.conname)
        from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f')) as constraints
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    order by n.nspname collate "C", c.relname collate "C"`);
  return rows;
}

/** Counts and digests rows as they pass: the same data has the same checksum, wherever it lies. */
export function tally() {
  const hash = createHash('sha256');
  let rows = 0;
  return {
    begin: ({ schema, name }) => void hash.update(`${schema}.${name}\n`),
    add(row) {
      rows += 1;
      hash.update(`${row}\n`);
    },
    sum: () => ({ rows, checksum: hash.digest('hex') }),
  };
}

/** The rows of a table as text, in the order of that text; of any number, inside of a transaction. */
export async function* rowsOf(client, { schema, name }) {
  await client.query(`
    declare evenkeel_rows no scroll cursor for select evenkeel_row::text as line
    from only ${quoted(schema)}.${quoted(name)} evenkeel_row order by evenkeel_row::text collate "C"`);
  for (;;) {
    const { rows } = await client.query(`fetch ${rowsAtOnce} from evenkeel_rows`);
    for (const { line } of rows) yield line;
    if (rows.length < rowsAtOnce) break;
  }
  await client.query('close evenkeel_rows');
}

/** Looks at one moment of the database, whatever is written meanwhile. */
export async function atOneMoment(client, look) {
  await client.query('begin isolation level repeatable read read only');
  const found = await look();
  await client.query('commit');
  return found;
}

/** Prints what came of it as JSON, or why nothing did, in one line. */
export async function main(work) {
  try {
    console.log(JSON.stringify(await work(process.argv.slice(2))));
  } catch (error) {
    console.error(`failed: ${error instanceof Error ? error.message : 'unknown'}`);
    process.exitCode = 1;
  }
}
