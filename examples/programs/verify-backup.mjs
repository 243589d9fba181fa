#!/usr/bin/env node
// Says whether a dump is whole and young enough: verify-backup.mjs <folder of dumps> <name> <hours that it may be old>
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileIn, main } from './postgres.mjs';

await main(async ([dumps, name, hours]) => {
  const digest = createHash('sha256');
  let last;
  for await (const line of createInterface({ input: createReadStream(fileIn(dumps, name)) })) {
    if (last !== undefined) digest.update(`${last}\n`);
    last = line;
  }
  const { recoverablePoint, rows, checksum, sha256 } = JSON.parse(last ?? '{}');
  if (sha256 === undefined) throw new Error('the dump has no end');
  if (digest.digest('hex') !== sha256) throw new Error('the dump is not what was written');
  const ageHours = (Date.now() - Date.parse(recoverablePoint)) / 3_600_000;
  if (!(ageHours <= Number(hours)))
    throw new Error(`the newest dump is of ${recoverablePoint}, more than ${hours} h ago`);
  return { recoverablePoint, ageHours: Math.round(ageHours * 100) / 100, rows, checksum };
});
