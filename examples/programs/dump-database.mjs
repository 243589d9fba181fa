#!/usr/bin/env node
// Writes the tables of a PostgreSQL database into a file: dump-database.mjs <folder of URLs> <name> <folder of dumps> <name>
// It has rows, columns, keys and checks; no views, functions, sequences or types of your own. Use pg_dump for what you live by.
import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { atOneMoment, connect, fileIn, main, rowsOf, tablesOf, tally } from './postgres.mjs';

await main(async ([urls, database, dumps, name]) => {
  const path = fileIn(dumps, name);
  const client = await connect(fileIn(urls, database));
  // A file of the name is a whole one, also when the program is run again.
  const file = await open(`${path}.part`, 'w', 0o600);
  const digest = createHash('sha256');
  let waiting = '';
  const flush = async () => {
    digest.update(waiting);
    await file.write(waiting);
    waiting = '';
  };
  const write = async (value) => {
    waiting += `${JSON.stringify(value)}\n`;
    if (waiting.length >= 65_536) await flush();
  };
  try {
    const end = await atOneMoment(client, async () => {
      const { rows: moment } = await client.query('select current_database() as database, now() as at');
      const { at } = moment[0];
      const tables = await tablesOf(client);
      await write({ database: moment[0].database, tables });
      const sum = tally();
      for (const [index, table] of tables.entries()) {
        sum.begin(table);
        for await (const row of rowsOf(client, table)) {
          sum.add(row);
          await write([index, row]);
        }
      }
      return { recoverablePoint: at.toISOString(), ...sum.sum() };
    });
    await flush();
    await file.write(`${JSON.stringify({ ...end, sha256: digest.digest('hex') })}\n`);
    await file.sync();
    await rename(`${path}.part`, path);
    return end;
  } finally {
    await file.close();
    await client.end();
  }
});
