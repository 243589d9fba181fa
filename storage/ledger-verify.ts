import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { sql } from 'kysely';
import { keyIdOf, sha256 } from '../domain/digest.ts';
import type { Database } from './database.ts';
import { type Checkpoint, genesis, linkOf, signedText } from './ledger-seal.ts';

export interface Verification {
  ok: boolean;
  /** Links that were recomputed. */
  verified: number;
  /** Entries that are not linked into the chain yet. */
  unsealed: number;
  checkpoints: number;
  /** What is wrong first, if anything. */
  firstBad?: { sequence: number; entry?: string; reason: string };
}

const page = 5_000;

/** Recomputes the whole chain and the signatures of all checkpoints; stops at the first row that does not fit. */
export async function verifyLedger(db: Database, publicPem: string): Promise<Verification> {
  const checkpoints = await checkpointsOf(db);
  const { rows: counted } = await sql<{ unsealed: number }>`
    select count(*) as unsealed from ledger_entry e where not exists (select from ledger_seal s where s.entry = e.id)`.execute(
    db,
  );
  const { unsealed } = counted[0]!;
  const isSigned = signedBy(publicPem);
  const expected = new Map(checkpoints.map((checkpoint) => [checkpoint.sequence, checkpoint]));
  let previous = genesis;
  let verified = 0;
  const bad = (sequence: number, reason: string, entry?: string): Verification => ({
    ok: false,
    verified,
    unsealed,
    checkpoints: checkpoints.length,
    firstBad: { sequence, reason, ...(entry === undefined ? {} : { entry }) },
  });
  for (;;) {
    const { rows } = await sql<Link>`
      select s.sequence, s.entry, s.previous, s.hash, e.body, e.key, e.action, e.subject, e.belongs_to
      from ledger_seal s left join ledger_entry e on e.id = s.entry
      where s.sequence > ${verified} order by s.sequence limit ${page}`.execute(db);
    for (const row of rows) {
      const { sequence } = row;
      const entry = row.key ?? String(row.entry);
      if (sequence !== verified + 1) return bad(verified + 1, 'this link is missing');
      if (row.body === null) return bad(sequence, 'the entry is missing', String(row.entry));
      if (row.previous !== previous) return bad(sequence, 'it does not follow the link before', entry);
      if (linkOf(previous, sequence, sha256(row.body)) !== row.hash)
        return bad(sequence, 'the entry was changed', entry);
      if (!isAsInBody(row, row.body)) return bad(sequence, 'the columns do not say what the body says', entry);
      const signed = expected.get(sequence);
      if (signed && (signed.hash !== row.hash || !isSigned(signed)))
        return bad(sequence, 'the checkpoint does not fit', entry);
      previous = row.hash;
      verified = sequence;
    }
    if (rows.length < page) break;
  }
  const beyond = checkpoints.find(({ sequence }) => sequence > verified);
  if (beyond) return bad(beyond.sequence, 'a checkpoint covers links that are missing');
  const gap = checkpoints.find(({ number }, at) => number !== at + 1);
  if (gap) return bad(gap.sequence, 'the checkpoint before this one is missing');
  if ((await countOf(db)) !== checkpoints.length) return bad(verified, 'the last checkpoint is missing');
  return { ok: true, verified, unsealed, checkpoints: checkpoints.length };
}

/** A link of the chain with its entry, if that is there. */
interface Link {
  sequence: number;
  entry: number;
  previous: string;
  hash: string;
  body: string | null;
  key: string | null;
  action: string;
  subject: string;
  belongsTo: string | null;
}

/** The columns are there to search by, and no link covers them; the body, which one does, has to say the same. */
const isAsInBody = (row: Link, text: string): boolean => {
  const body = JSON.parse(text) as Record<string, unknown>;
  return (
    row.key === body['key'] &&
    row.action === body['action'] &&
    row.subject === body['subject'] &&
    row.belongsTo === (body['belongsTo'] ?? null)
  );
};

/** Whether this key has signed a checkpoint, and the checkpoint says so. */
const signedBy = (publicPem: string): ((checkpoint: Checkpoint) => boolean) => {
  const [key, keyId] = [createPublicKey(publicPem), keyIdOf(publicPem)];
  return (made) =>
    made.keyId === keyId && verifySignature(null, signedText(made), key, Buffer.from(made.signature, 'base64'));
};

const countOf = async (db: Database): Promise<number | undefined> => {
  const { rows } = await sql<{ checkpoints: number }>`select checkpoints from ledger_head`.execute(db);
  return rows[0]?.checkpoints;
};

export async function checkpointsOf(db: Database): Promise<Checkpoint[]> {
  const { rows } =
    await sql<Checkpoint>`select number, sequence, hash, at, key_id, signature from ledger_checkpoint order by sequence`.execute(
      db,
    );
  return rows;
}

const longestProof = 100_000;

/**
 * The chain from one place to the first checkpoint at or behind another, as digests of bodies: with it a slice of the
 * ledger is proven up to a signature. Where none is so far yet, to the last one there is; undefined where there is none.
 */
export async function proofOf(
  db: Database,
  first: number,
  last: number,
): Promise<{ previous: string; first: number; bodyHashes: string[] } | undefined> {
  const { rows: covering } = await sql<{ sequence: number }>`
    select sequence from ledger_checkpoint where sequence >= ${first}
    order by sequence >= ${last} desc, abs(sequence - ${last}) limit 1`.execute(db);
  if (!covering[0] || covering[0].sequence - first > longestProof) return undefined;
  const { rows } = await sql<{ previous: string; body: string }>`
    select s.previous, e.body from ledger_seal s join ledger_entry e on e.id = s.entry
    where s.sequence between ${first} and ${covering[0].sequence} order by s.sequence`.execute(db);
  return { previous: rows[0]?.previous ?? genesis, first, bodyHashes: rows.map(({ body }) => sha256(body)) };
}
