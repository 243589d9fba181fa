#!/usr/bin/env node
// Proves that a dump can be restored: restore-test.mjs <folder of URLs> <name> <folder of dumps> <name>
// It restores into a scratch database, compares rows and checksum with those of the dump, and drops the database, whatever
// happens. The URL names a role that may create databases, on a server where nobody's data are.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { atOneMoment, connect, fileIn, main, quoted, rowsOf, tally } from './postgres.mjs';

const rowsAtOnce = 500;
const tableOf = ({ schema, name }) => `${quoted(schema)}.${quoted(name)}`;
const kinds = ['p', 'u', 'c', 'f'];

await main(async ([urls, server, dumps, name]) => {
  const path = fileIn(dumps, name);
  const connection = fileIn(urls, server);
  const admin = await connect(connection);
  // One for each step of a plan: a second run of it drops what the first one left behind.
  const key = createHash('sha256').update(process.env.EVENKEEL_IDEMPOTENCY_KEY ?? path);
  const scratch = `evenkeel_restore_${key.digest('hex').slice(0, 16)}`;
  const drop = () => admin.query(`drop database if exists ${quoted(scratch)} with (force)`);
  const stop = () => void drop().finally(() => process.exit(1));
  process.once('SIGTERM', stop);
  try {
    await drop();
    await admin.query(`create database ${quoted(scratch)} template template0`);
    return await restored(await connect(connection, scratch), path);
  } finally {
    await drop();
    process.off('SIGTERM', stop);
    await admin.end();
  }
});

async function restored(client, path) {
  try {
    const { tables, end } = await restore(client, path);
    const restoredAt = new Date().toISOString();
    const found = await atOneMoment(client, async () => {
      const sum = tally();
      for (const table of tables) {
        sum.begin(table);
        for await (const row of rowsOf(client, table)) sum.add(row);
      }
      return sum.sum();
    });
    if (found.rows !== end.rows) throw new Error(`restored ${found.rows} rows of ${end.rows}`);
    if (found.checksum !== end.checksum) throw new Error('the restored data are not those that were dumped');
    return { recoverablePoint: end.recoverablePoint, restoredAt, verifiedAt: new Date().toISOString(), ...found };
  } finally {
    await client.end();
  }
}

async function restore(client, path) {
  let tables;
  let end;
  let batch = { index: -1, rows: [] };
  const flush = async () => {
    const { index, rows } = batch;
    batch = { index: -1, rows: [] };
    if (rows.length === 0) return;
    const table = tableOf(tables[index]);
    await client.query(
      `insert into ${table} select (line.row).* from (select text::${table} as row from unnest($1::text[]) text) line`,
      [rows],
    );
  };
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const value = JSON.parse(line);
    if (tables === undefined) {
      ({ tables } = value);
      await createTables(client, tables);
    } else if (Array.isArray(value)) {
      const [index, row] = value;
      if (batch.index !== index || batch.rows.length === rowsAtOnce) await flush();
      batch.index = index;
      batch.rows.push(row);
    } else end = value;
  }
  await flush();
  if (end?.checksum === undefined) throw new Error('the dump has no end');
  await constrain(client, tables);
  return { tables, end };
}

async function createTables(client, tables) {
  for (const table of tables) {
    await client.query(`create schema if not exists ${quoted(table.schema)}`);
    const columns = (table.columns ?? []).map(
      ({ name, type, required }) => `${quoted(name)} ${type}${required ? ' not null' : ''}`,
    );
    await client.query(`create table ${tableOf(table)} (${columns.join(', ')})`);
  }
}

/** Keys before what refers to them. */
async function constrain(client, tables) {
  for (const kind of kinds)
    for (const table of tables)
      for (const { name, definition } of (table.constraints ?? []).filter((constraint) => constraint.kind === kind))
        await client.query(`alter table only ${tableOf(table)} add constraint ${quoted(name)} ${definition}`);
}
