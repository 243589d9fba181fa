import { type RawBuilder, sql } from 'kysely';
import type { LedgerEntry } from '../domain/audit.ts';
import { canonical, digestOf } from '../domain/digest.ts';
import type { Reference } from '../domain/reference.ts';
import type { Database } from './database.ts';

/** Appends entries in the caller's transaction; an entry whose key is there already is not written again. */
export async function append(db: Database, entries: LedgerEntry | readonly LedgerEntry[]): Promise<void> {
  await appending([entries].flat())?.execute(db);
}

/** The same as a part of a statement, where a condition holds; none when there is nothing to append. */
export const appending = (
  entries: readonly LedgerEntry[],
  where: RawBuilder<unknown> = sql``,
): RawBuilder<unknown> | undefined => {
  if (entries.length === 0) return undefined;
  const columns = entries.map((entry) => ({
    key: entry.key,
    belongs_to: entry.belongsTo ?? null,
    subject: entry.subject,
    action: entry.action,
    body: canonical(entry),
  }));
  return sql`
    insert into ledger_entry (key, belongs_to, subject, action, body)
    select key, belongs_to, subject, action, body
    from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) as t(key text, belongs_to text, subject text, action text, body text)
    ${where}
    on conflict (key) do nothing`;
};

/** Entries that are written together; the last one holds the digest of the record that they leave behind. */
export const boundTo = (record: unknown, entries: readonly LedgerEntry[]): LedgerEntry[] =>
  entries.map((entry, at) => (at === entries.length - 1 ? { ...entry, recordDigest: digestOf(record) } : entry));

export interface LedgerRow {
  id: number;
  key: string;
  body: string;
  sequence: number | null;
  previous: string | null;
  hash: string | null;
}

/** Entries of one record or one subject, oldest first, each with its place in the chain when it has one. */
export async function entriesOf(
  db: Database,
  of: { belongsTo: Reference } | { subject: string },
  most: number | null = 20_000,
): Promise<LedgerRow[]> {
  const where = 'belongsTo' in of ? sql`e.belongs_to = ${of.belongsTo}` : sql`e.subject = ${of.subject}`;
  const { rows } = await sql<LedgerRow>`
    select e.id, e.key, e.body, s.sequence, s.previous, s.hash
    from ledger_entry e left join ledger_seal s on s.entry = e.id
    where ${where} order by s.sequence nulls last, e.id limit ${most}`.execute(db);
  return rows;
}
