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
  sequence: number;
  hash: string;
  at: string;
  keyId: string;
  signature: string;
}

/** What a checkpoint's signature covers. */
export const signedText = ({ sequence, hash, at }: Pick<Checkpoint, 'sequence' | 'hash' | 'at'>): Buffer =>
  Buffer.from(`evenkeel ledger checkpoint\n${sequence}\n${hash}\n${at}`);

/** Signs the head of the chain; undefined when the last checkpoint covers it already. */
export async function checkpoint(
  db: Database,
  key: KeyObject,
  keyId: string,
  at: string,
): Promise<Checkpoint | undefined> {
  const { sequence, hash } = await headOf(db);
  if (sequence === 0) return undefined;
  const signature = sign(null, signedText({ sequence, hash, at }), key).toString('base64');
  const { rows } = await sql`
    insert into ledger_checkpoint (sequence, hash, at, key_id, signature)
    values (${sequence}, ${hash}, ${at}, ${keyId}, ${signature}) on conflict (sequence) do nothing returning sequence`.execute(
    db,
  );
  return rows.length > 0 ? { sequence, hash, at, keyId, signature } : undefined;
}
