import { type KeyObject, sign } from 'node:crypto';
import { sql } from 'kysely';
import { sha256 } from '../domain/digest.ts';
import type { Database } from './database.ts';

const sealer = 7_480_002;
/** What the first link follows. */
export const genesis = '0'.repeat(64);

/**
 * The link of the chain: SHA-256 over the previous link, the place and the digest of the body. The digest alone is
 * enough to walk over entries of others, so a slice can be proven without showing them.
 */
export const linkOf = (previous: string, sequence: number, bodyHash: string): string =>
  sha256(`${previous}\n${sequence}\n${bodyHash}`);

interface Head {
  sequence: number;
  hash: string;
}

const headOf = async (db: Database): Promise<Head> => {
  const { rows } = await sql<Head>`
    select sequence, hash from ledger_seal order by sequence desc limit 1`.execute(db);
  return rows[0] ?? { sequence: 0, hash: genesis };
};

/** Links up to `most` new entries into the chain; returns how many. One sealer works at a time, others return 0. */
export async function seal(db: Database, most = 1000): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const lock = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${sealer}) as held`.execute(tx);
    if (!lock.rows[0]?.held) return 0;
    const { rows } = await sql<{ id: number; body: string }>`
      with taken as (delete from ledger_unsealed where entry in (select entry from ledger_unsealed order by entry limit ${most}) returning entry)
      select id, body from ledger_entry where id in (select entry from taken) order by id`.execute(tx);
    if (rows.length === 0) return 0;
    let head = await headOf(tx);
    const links = rows.map(({ id, body }) => {
      const sequence = head.sequence + 1;
      const link = { sequence, entry: id, previous: head.hash, hash: linkOf(head.hash, sequence, sha256(body)) };
      head = { sequence, hash: link.hash };
      return link;
    });
    await sql`
      insert into ledger_seal (sequence, entry, previous, hash)
      select sequence, entry, previous, hash
      from jsonb_to_recordset(${JSON.stringify(links)}::jsonb) as t(sequence bigint, entry bigint, previous text, hash text)`.execute(
      tx,
    );
    return rows.length;
  });
}

export interface Checkpoint {
  /** Which one it is, from one on. */
  number: number;
  sequence: number;
  hash: string;
  at: string;
  keyId: string;
  signature: string;
}

/** What a checkpoint's signature covers. */
export const signedText = ({ number, sequence, hash, at, keyId }: Omit<Checkpoint, 'signature'>): Buffer =>
  Buffer.from(`evenkeel ledger checkpoint\n${number}\n${sequence}\n${hash}\n${at}\n${keyId}`);

/** Signs the head of the chain; undefined when the last checkpoint covers it already. */
export const checkpoint = (db: Database, key: KeyObject, keyId: string, at: string): Promise<Checkpoint | undefined> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ checkpoints: number }>`select checkpoints from ledger_head for update`.execute(tx);
    const { sequence, hash } = await headOf(tx);
    const { rows: covering } = await sql`select from ledger_checkpoint where sequence = ${sequence}`.execute(tx);
    if (sequence === 0 || covering.length > 0) return undefined;
    const made = { number: rows[0]!.checkpoints + 1, sequence, hash, at, keyId };
    const signature = sign(null, signedText(made), key).toString('base64');
    await sql`
      insert into ledger_checkpoint (number, sequence, hash, at, key_id, signature)
      values (${made.number}, ${sequence}, ${hash}, ${at}, ${keyId}, ${signature})`.execute(tx);
    await sql`update ledger_head set checkpoints = ${made.number}`.execute(tx);
    return { ...made, signature };
  });
