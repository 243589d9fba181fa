import { sql } from 'kysely';
import { evenkeel } from '../domain/actor.rules.ts';
import type { EffectResult, Message, OutboxStore } from '../domain/ports.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import type { Reference } from '../domain/reference.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';

const leaseSeconds = 30;

export interface OutboxRow {
  key: string;
  belongsTo: Reference;
  message: Message;
  fence: number;
  attempts: number;
  createdAt: string;
}

export interface OutboxStorage extends OutboxStore {
  claim(most: number): Promise<OutboxRow[]>;
  /** Messages that wait to be sent, and the age of the oldest in seconds. */
  depth(): Promise<{ waiting: number; oldestSeconds: number }>;
  /** Another try in `delayMs`, with what went wrong. */
  putBack(key: string, fence: number, delayMs: number, detail: string): Promise<void>;
}

/** The outbox in PostgreSQL: one row for each effect, under its business key. */
export const createOutboxStore = (db: Database): OutboxStorage => ({
  async put(key, belongsTo, message) {
    await sql`
      with written as (
        insert into outbox (key, kind, belongs_to, payload, state) values (${key}, ${message.kind}, ${belongsTo}, ${JSON.stringify(message)}::jsonb, 'pending')
        on conflict (key) do nothing returning key)
      select pg_notify('outbox', '') from written`.execute(db);
  },
  async begin(key, belongsTo, kind, payload) {
    const inserted = await sql<{ fence: string }>`
      insert into outbox (key, kind, belongs_to, payload, state, fence, attempts)
      values (${key}, ${kind}, ${belongsTo}, ${JSON.stringify(payload)}::jsonb, 'pending', 1, 1)
      on conflict (key) do nothing returning fence`.execute(db);
    if (inserted.rows[0]) return { state: 'new', fence: 1 };
    const { rows } = await sql<{ state: string; fence: string; result: EffectResult | null }>`
      update outbox set fence = fence + 1, attempts = attempts + 1 where key = ${key} and state = 'pending' returning state, fence, result`.execute(
      db,
    );
    if (rows[0]) return { state: 'in-doubt', fence: Number(rows[0].fence) };
    const ended = await sql<{ result: EffectResult }>`select result from outbox where key = ${key}`.execute(db);
    return { state: 'ended', result: ended.rows[0]!.result };
  },
  finish: (key, fence, result) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<EffectRow & { belongs_to: Reference }>`
        update outbox set state = ${result.ok ? 'sent' : 'failed'}, settled_at = now(), result = ${JSON.stringify(result)}::jsonb
        where key = ${key} and fence = ${fence} and state = 'pending'
        returning belongs_to, key, kind, state, created_at, result`.execute(tx);
      if (!rows[0]) return false;
      const { belongs_to: belongsTo, kind } = rows[0];
      const entry: LedgerEntry = {
        key: `effect/${key}`,
        at: new Date().toISOString(),
        actor: evenkeel,
        action: result.ok ? 'effect.sent' : 'effect.failed',
        subject: `effect/${key}`,
        belongsTo,
        detail: { kind, detail: result.detail },
      };
      await append(tx, boundTo(effectOf(rows[0]), [entry]));
      return true;
    }),
  async claim(most) {
    const { rows } = await sql<{
      key: string;
      belongs_to: Reference;
      payload: Message;
      fence: string;
      attempts: number;
      created_at: Date;
    }>`
      update outbox set due_at = now() + make_interval(secs => ${leaseSeconds}), fence = fence + 1, attempts = attempts + 1
      where key in (select key from outbox where state = 'pending' and kind in ('email', 'webhook') and due_at <= now()
        order by due_at limit ${most} for update skip locked)
      returning key, belongs_to, payload, fence, attempts, created_at`.execute(db);
    return rows.map((row) => ({
      key: row.key,
      belongsTo: row.belongs_to,
      message: row.payload,
      fence: Number(row.fence),
      attempts: row.attempts,
      createdAt: row.created_at.toISOString(),
    }));
  },
  async putBack(key, fence, delayMs, detail) {
    await sql`
      update outbox set due_at = now() + make_interval(secs => ${delayMs / 1000}), result = ${JSON.stringify({ ok: false, detail })}::jsonb
      where key = ${key} and fence = ${fence} and state = 'pending'`.execute(db);
  },
  async depth() {
    const { rows } = await sql<{ waiting: string; oldest: string }>`
      select count(*) as waiting, coalesce(extract(epoch from now() - min(created_at)), 0) as oldest from outbox
      where state = 'pending' and kind in ('email', 'webhook')`.execute(db);
    return { waiting: Number(rows[0]!.waiting), oldestSeconds: Number(rows[0]!.oldest) };
  },
  async of(record) {
    const { rows } = await sql<EffectRow>`
      select key, kind, state, created_at, result from outbox where belongs_to = ${record} order by created_at, key`.execute(
      db,
    );
    return rows.map(effectOf);
  },
});

interface EffectRow {
  key: string;
  kind: string;
  state: string;
  created_at: Date;
  result: EffectResult | null;
}

const effectOf = ({ key, kind, state, created_at, result }: EffectRow) => ({
  key,
  kind,
  state,
  at: created_at.toISOString(),
  result,
});
