import { sql } from 'kysely';
import { evenkeel } from '../domain/actor.rules.ts';
import type { EffectResult, Message, OutboxStore } from '../domain/ports.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import type { Reference } from '../domain/reference.ts';
import { type Database, type Depth, depthSince } from './database.ts';
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
  depth(): Promise<Depth>;
  /** Messages that wait until something of this installation is mended. */
  held(): Promise<{ kind: Message['kind']; count: number }[]>;
  /** Another try in `delayMs`, with what went wrong; what is `held` has used up no try. */
  putBack(key: string, fence: number, later: { delayMs: number; detail: string; held: boolean }): Promise<void>;
}

type Effect = Awaited<ReturnType<OutboxStore['of']>>[number];
const effectColumns = sql.raw('key, kind, state, created_at as at, result');

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
    const inserted = await sql<{ fence: number }>`
      insert into outbox (key, kind, belongs_to, payload, state, fence, attempts)
      values (${key}, ${kind}, ${belongsTo}, ${JSON.stringify(payload)}::jsonb, 'pending', 1, 1)
      on conflict (key) do nothing returning fence`.execute(db);
    if (inserted.rows[0]) return { state: 'new', fence: 1 };
    const { rows } = await sql<{ fence: number }>`
      update outbox set fence = fence + 1, attempts = attempts + 1 where key = ${key} and state = 'pending' returning fence`.execute(
      db,
    );
    if (rows[0]) return { state: 'in-doubt', fence: rows[0].fence };
    const ended = await sql<{ result: EffectResult }>`select result from outbox where key = ${key}`.execute(db);
    return { state: 'ended', result: ended.rows[0]!.result };
  },
  finish: (key, fence, result) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<Effect & { belongsTo: Reference }>`
        update outbox set state = ${result.ok ? 'sent' : 'failed'}, settled_at = now(), result = ${JSON.stringify(result)}::jsonb
        where key = ${key} and fence = ${fence} and state = 'pending'
        returning belongs_to, ${effectColumns}`.execute(tx);
      if (!rows[0]) return false;
      const { belongsTo, ...effect } = rows[0];
      const entry: LedgerEntry = {
        key: `effect/${key}`,
        at: new Date().toISOString(),
        actor: evenkeel,
        action: result.ok ? 'effect.sent' : 'effect.failed',
        subject: `effect/${key}`,
        belongsTo,
        detail: { kind: effect.kind, detail: result.detail },
      };
      await append(tx, boundTo(effect, [entry]));
      return true;
    }),
  async claim(most) {
    const { rows } = await sql<OutboxRow>`
      update outbox set due_at = now() + make_interval(secs => ${leaseSeconds}), fence = fence + 1, attempts = attempts + 1
      where key in (select key from outbox where state = 'pending' and kind in ('email', 'webhook') and due_at <= now()
        order by due_at limit ${most} for update skip locked)
      returning key, belongs_to, payload as message, fence, attempts, created_at`.execute(db);
    return rows;
  },
  async putBack(key, fence, { delayMs, ...result }) {
    await sql`
      update outbox set due_at = now() + make_interval(secs => ${delayMs / 1000}), result = ${JSON.stringify({ ok: false, ...result })}::jsonb,
        attempts = attempts - ${result.held ? 1 : 0}
      where key = ${key} and fence = ${fence} and state = 'pending'`.execute(db);
  },
  async depth() {
    const { rows } = await sql<Depth>`
      select ${depthSince('created_at')} from outbox where state = 'pending' and kind in ('email', 'webhook')`.execute(
      db,
    );
    return rows[0]!;
  },
  async held() {
    const { rows } = await sql<{ kind: Message['kind']; count: number }>`
      select kind, count(*)::int as count from outbox
      where state = 'pending' and kind in ('email', 'webhook') and (result->>'held')::boolean group by kind`.execute(
      db,
    );
    return rows;
  },
  async of(record) {
    const { rows } = await sql<Effect>`
      select ${effectColumns} from outbox where belongs_to = ${record} order by created_at, key`.execute(db);
    return rows;
  },
});
