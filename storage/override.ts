import { type RawBuilder, sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { referenceTo } from '../domain/identifiers.ts';
import { Override } from '../domain/override.ts';
import type { Message } from '../domain/message.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { createOutboxStore } from './outbox.ts';
import { is } from './page.ts';
import { listed, type Listed, readStored } from './stored.ts';

/** Who did something to an override, and who is notified of it, if anybody is. */
export interface OverrideDeed {
  actor: Actor;
  at: string;
  reason?: string | undefined;
  notify?: Message | undefined;
}

type Row = { id: string; record: unknown; askedAt: string };

/** Overrides of schedules in PostgreSQL. */
export const createOverrideStore = (db: Database) => {
  const read = ({ id, record }: Row): Override => readStored(Override, record, `override ${id}`);
  const where = async (on: Database, condition: RawBuilder<unknown>, order: RawBuilder<unknown>): Promise<Row[]> => {
    const { rows } = await sql<Row>`
      select id, record, asked_at from on_call_override where ${condition} order by ${order}`.execute(on);
    return rows;
  };
  const one = async (on: Database, id: string): Promise<Override | undefined> =>
    (await where(on, sql`id = ${id}`, sql`id`)).map(read)[0];
  const note = async (tx: Database, override: Override, deed: OverrideDeed): Promise<void> => {
    const { id, status, schedule, person, from, until, inReturn } = override;
    const { actor, at, reason, notify } = deed;
    const subject = `override/${id}`;
    const entry = { at, actor, subject, reason, detail: { schedule, person, from, until, inReturn } } as const;
    await append(tx, { ...entry, key: `${subject}/${status}`, action: `override.${status}` });
    if (notify) await createOutboxStore(tx).put(`${subject}/${status}/told`, referenceTo('override', id), notify);
  };
  return {
    /** Keeps what was asked under its id; the same again changes nothing and returns what became of it. */
    ask: (override: Override, deed: OverrideDeed): Promise<Override> =>
      db.transaction().execute(async (tx) => {
        const { id, schedule, person, askedBy, askedAt } = override;
        const { rows } = await sql`
          insert into on_call_override (id, schedule, person, asked_by, asked_at, accepted_at, changed_at, record)
          values (${id}, ${schedule}, ${person}, ${askedBy}, ${askedAt}, ${acceptedAtOf(override)}, ${askedAt}, ${JSON.stringify(override)}::jsonb)
          on conflict (id) do nothing returning id`.execute(tx);
        if (rows[0]) await note(tx, override, deed);
        return (await one(tx, id))!;
      }),
    find: (id: string): Promise<Override | undefined> => one(db, id),
    /** Changes it under its row lock. The change may throw a `DomainError`, then nothing is written. */
    change: (
      id: string,
      change: (override: Override) => Override,
      deedOf: (changed: Override) => OverrideDeed,
    ): Promise<Override> =>
      db.transaction().execute(async (tx) => {
        await sql`select from on_call_override where id = ${id} for update`.execute(tx);
        const before = await one(tx, id);
        if (!before) throw new DomainError('not-found', `there is no override ${id}`);
        const changed = change(before);
        const deed = deedOf(changed);
        await sql`
          update on_call_override
          set accepted_at = ${acceptedAtOf(changed)}, changed_at = ${deed.at}, record = ${JSON.stringify(changed)}::jsonb
          where id = ${id}`.execute(tx);
        await note(tx, changed, deed);
        return changed;
      }),
    /** The latest 200 of a schedule, the newest first. */
    async list(schedule: string): Promise<Listed<Override>> {
      const newest = sql`asked_at desc, id desc limit 200`;
      const rows = await where(db, sql`schedule = ${schedule}`, newest);
      return listed(rows, rows.length + 1, read, ({ id, askedAt }) => ({ at: askedAt, id }));
    },
    /** All that have been accepted, of a schedule or of all, in the order in which they were. */
    async accepted(schedule?: string): Promise<Override[]> {
      const condition = sql`accepted_at is not null and ${is('schedule', schedule)}`;
      return (await where(db, condition, sql`accepted_at, id`)).map(read);
    },
  };
};
export type OverrideStore = ReturnType<typeof createOverrideStore>;

const acceptedAtOf = (override: Override): string | null =>
  'acceptedAt' in override ? (override.acceptedAt ?? null) : null;
