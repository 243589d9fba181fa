import { generateKeyPairSync, verify } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { inject } from 'vitest';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyIdOf, sha256 } from '../../domain/digest.ts';
import { append, entriesOf } from '../../storage/ledger.ts';
import { checkpoint, linkOf, seal, signedText } from '../../storage/ledger-seal.ts';
import { checkpointsOf, verifyLedger } from '../../storage/ledger-verify.ts';
import { entry } from '../support/builders.ts';
import { createDatabase, patiently, type TestDatabase } from '../support/database.ts';
import { urlOf } from '../support/url.ts';
import { planReference } from '../support/id.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const keyId = keyIdOf(publicPem);
const at = '2026-03-24T12:00:00.000Z';
const keys = (count: number): string[] => Array.from({ length: count }, (_, index) => `e${index + 1}`);
const written = (...names: string[]) =>
  append(
    database.db,
    names.map((name) => entry(name)),
  );
/** Five links with a signature over the third and over the fifth. */
const sealed = async (): Promise<void> => {
  await written(...keys(3));
  await seal(database.db);
  await checkpoint(database.db, privateKey, keyId, at);
  await written('e4', 'e5');
  await seal(database.db);
  await checkpoint(database.db, privateKey, keyId, at);
};
/** What only somebody who owns the whole server can do: the triggers do not see it. */
const tamper = async (statement: string): Promise<void> => {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(database.db);
  const client = new pg.Client({ connectionString: urlOf(inject('adminUrl'), rows[0]!.name) });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    const { rowCount } = await client.query(statement);
    expect(rowCount).toBeGreaterThan(0);
  } finally {
    await client.end();
  }
};

describe('an entry', () => {
  test('is written once', async () => {
    await written('a');
    await append(database.db, [entry('a', { action: 'plan.resumed' }), entry('b')]);

    const rows = await entriesOf(database.db, { belongsTo: planReference('checkout.production.0001') });
    expect(rows.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(JSON.parse(rows[0]!.body)).toEqual(entry('a'));
  });

  test('is found by its plan and by its subject', async () => {
    await append(database.db, [
      entry('a', { belongsTo: planReference('p1'), subject: 's1' }),
      entry('b', { belongsTo: planReference('p2'), subject: 's1' }),
    ]);

    expect((await entriesOf(database.db, { belongsTo: planReference('p1') })).map(({ key }) => key)).toEqual(['a']);
    expect((await entriesOf(database.db, { subject: 's1' })).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  test('is gone when its transaction fails', async () => {
    const failing = database.db.transaction().execute(async (tx) => {
      await append(tx, [entry('a')]);
      throw new Error('no');
    });

    await expect(failing).rejects.toThrow('no');
    expect(await seal(database.db)).toBe(0);
  });
});

describe('the database refuses', () => {
  beforeEach(sealed);

  test.each(['ledger_entry', 'ledger_seal', 'ledger_checkpoint'])('to change, delete or empty %s', async (table) => {
    const column = table === 'ledger_entry' ? 'body' : 'hash';

    await expect(sql.raw(`update ${table} set ${column} = 'x'`).execute(database.db)).rejects.toThrow('append-only');
    await expect(sql.raw(`delete from ${table}`).execute(database.db)).rejects.toThrow('append-only');
    await expect(sql.raw(`truncate ${table} cascade`).execute(database.db)).rejects.toThrow('append-only');
    expect(await verifyLedger(database.db, publicPem)).toMatchObject({ ok: true, verified: 5 });
  });
});

describe('the chain', () => {
  test('links entries in the order in which they were written, each to the one before', async () => {
    await written(...keys(5));
    expect(await seal(database.db, 2)).toBe(2);
    expect(await seal(database.db, 100)).toBe(3);
    expect(await seal(database.db)).toBe(0);

    const rows = await entriesOf(database.db, { belongsTo: planReference('checkout.production.0001') });
    expect(rows.map(({ key, sequence }) => [key, sequence])).toEqual([
      ['e1', 1],
      ['e2', 2],
      ['e3', 3],
      ['e4', 4],
      ['e5', 5],
    ]);
    for (const [index, row] of rows.entries()) {
      expect(row.previous).toBe(rows[index - 1]?.hash ?? '0'.repeat(64));
      expect(row.hash).toBe(linkOf(row.previous!, index + 1, sha256(row.body)));
    }
  });

  test('takes each entry once when many seal and write at the same time', async () => {
    await Promise.all(
      keys(60).map(async (key, index) => {
        await patiently(() => written(key));
        if (index % 3 === 0) await patiently(() => seal(database.db, 7));
      }),
    );
    while ((await seal(database.db)) > 0);

    expect(await verifyLedger(database.db, publicPem)).toEqual({ ok: true, verified: 60, unsealed: 0, checkpoints: 0 });
  });

  test('takes an entry whose transaction ended late behind those that were sealed before', async () => {
    const late = database.db.transaction().execute(async (tx) => {
      await append(tx, [entry('late')]);
      await written('early');
      await seal(database.db);
    });
    await late;
    await seal(database.db);

    const rows = await entriesOf(database.db, { belongsTo: planReference('checkout.production.0001') });
    expect(Object.fromEntries(rows.map(({ key, sequence }) => [key, sequence]))).toEqual({ early: 1, late: 2 });
    expect(await verifyLedger(database.db, publicPem)).toMatchObject({ ok: true, verified: 2 });
  });
});

describe('a checkpoint', () => {
  test('signs the head of the chain, once', async () => {
    expect(await checkpoint(database.db, privateKey, keyId, at)).toBeUndefined();
    await written('e1');
    await seal(database.db);
    const made = await checkpoint(database.db, privateKey, keyId, at);

    expect(made).toMatchObject({ number: 1, sequence: 1, at, keyId: keyId });
    expect(verify(null, signedText(made!), publicKey, Buffer.from(made!.signature, 'base64'))).toBe(true);
    expect(await checkpointsOf(database.db)).toEqual([made]);
    expect(await checkpoint(database.db, privateKey, keyId, at)).toBeUndefined();
  });

  test('does not fit another key', async () => {
    await sealed();
    const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();

    expect(await verifyLedger(database.db, stranger)).toMatchObject({ ok: false, firstBad: { sequence: 3 } });
  });
});

describe('a verification', () => {
  test('of an untouched ledger recomputes every link', async () => {
    await sealed();

    expect(await verifyLedger(database.db, publicPem)).toEqual({ ok: true, verified: 5, unsealed: 0, checkpoints: 2 });
  });

  test('of an empty ledger is good', async () => {
    expect(await verifyLedger(database.db, publicPem)).toEqual({ ok: true, verified: 0, unsealed: 0, checkpoints: 0 });
  });

  test('counts what is not linked yet', async () => {
    await sealed();
    await written('e6', 'e7');

    expect(await verifyLedger(database.db, publicPem)).toMatchObject({ ok: true, verified: 5, unsealed: 2 });
  });

  const second = `(select entry from ledger_seal where sequence = 2)`;
  test.each([
    [
      'a body was changed',
      `update ledger_entry set body = replace(body, 'ana', 'eva') where id = ${second}`,
      2,
      'the entry was changed',
    ],
    [
      'a body is no JSON any more',
      `update ledger_entry set body = 'gone' where id = ${second}`,
      2,
      'the entry was changed',
    ],
    [
      'a column says something else',
      `update ledger_entry set action = 'plan.resumed' where id = ${second}`,
      2,
      'columns',
    ],
    [
      'an entry was moved to another record',
      `update ledger_entry set belongs_to = 'plan/other' where id = ${second}`,
      2,
      'columns',
    ],
    [
      'an entry was taken away from its record',
      `update ledger_entry set belongs_to = null where id = ${second}`,
      2,
      'columns',
    ],
    ['an entry was deleted', `delete from ledger_entry where id = ${second}`, 2, 'the entry is missing'],
    ['a link was deleted', `delete from ledger_seal where sequence = 2`, 2, 'this link is missing'],
    [
      'a hash was changed',
      `update ledger_seal set hash = repeat('a', 64) where sequence = 2`,
      2,
      'the entry was changed',
    ],
    [
      'a link points elsewhere',
      `update ledger_seal set previous = repeat('a', 64) where sequence = 4`,
      4,
      'does not follow',
    ],
    [
      'a checkpoint was changed',
      `update ledger_checkpoint set hash = repeat('a', 64) where sequence = 3`,
      3,
      'the checkpoint does not fit',
    ],
    [
      'a signature was changed',
      `update ledger_checkpoint set signature = 'AAAA' where sequence = 5`,
      5,
      'the checkpoint does not fit',
    ],
    [
      'the time of a checkpoint was changed',
      `update ledger_checkpoint set at = at + interval '1 hour' where sequence = 5`,
      5,
      'the checkpoint does not fit',
    ],
    [
      'the key of a checkpoint was changed',
      `update ledger_checkpoint set key_id = 'k2' where sequence = 5`,
      5,
      'the checkpoint does not fit',
    ],
    [
      'the number of a checkpoint was changed',
      `update ledger_checkpoint set number = 7 where sequence = 5`,
      5,
      'the checkpoint does not fit',
    ],
    [
      'a checkpoint was deleted',
      `delete from ledger_checkpoint where sequence = 3`,
      5,
      'the checkpoint before this one',
    ],
    ['the last checkpoint was deleted', `delete from ledger_checkpoint where sequence = 5`, 5, 'the last checkpoint'],
    ['the tail was cut', `delete from ledger_seal where sequence > 4`, 5, 'links that are missing'],
    ['everything was cut', `delete from ledger_seal`, 3, 'links that are missing'],
  ])('names the first row that is wrong when %s', async (_, statement, sequence, reason) => {
    await sealed();
    await tamper(statement);

    const found = await verifyLedger(database.db, publicPem);
    expect(found).toMatchObject({ ok: false, firstBad: { sequence, reason: expect.stringContaining(reason) } });
  });

  test('sees a forged tail by the signature over it, however well it is computed', async () => {
    await sealed();
    const [, , , fourth] = await entriesOf(database.db, { belongsTo: planReference('checkout.production.0001') });
    const body = JSON.stringify(entry('e4', { reason: 'somebody else' }));
    await tamper(`update ledger_entry set body = '${body}' where key = 'e4'`);
    const forged = linkOf(fourth!.previous!, 4, sha256(body));
    await tamper(`update ledger_seal set hash = '${forged}' where sequence = 4`);
    const fifth = (await entriesOf(database.db, { belongsTo: planReference('checkout.production.0001') }))[4]!;
    await tamper(
      `update ledger_seal set previous = '${forged}', hash = '${linkOf(forged, 5, sha256(fifth.body))}' where sequence = 5`,
    );

    expect(await verifyLedger(database.db, publicPem)).toMatchObject({
      ok: false,
      verified: 4,
      firstBad: { sequence: 5, reason: 'the checkpoint does not fit' },
    });
  });
});
