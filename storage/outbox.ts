import { type RawBuilder, sql } from 'kysely';
import { evenkeel } from '../domain/actor.rules.ts';
import type { Message } from '../domain/message.ts';
import type { EffectResult, OutboxStore } from '../domain/ports.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import type { PageBudget } from '../domain/page.ts';
import type { Reference } from '../domain/reference.ts';
import { keepable } from '../domain/text.ts';
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
  /** An earlier try may have reached its receiver, and nobody knows. */
  mayBeRepeat: boolean;
  /** A page that has been admitted before. */
  isAdmitted: boolean;
}

/** What is sent by one way; pages have a lane of their own there. */
export interface Lane {
  lane: string;
  isPage: boolean;
}

/** Whether a page may be sent: with its part of the budget, and with others that were held back; later; or somebody else sends it. */
export type Admission =
  | { admitted: true; since: string; others: OutboxRow[] }
  | { admitted: false; waitMs: number }
  | undefined;

export interface OutboxStorage extends OutboxStore {
  /** Rows to send, pages first and the worst before others; nothing of lanes that are full, or pages alone. */
  claim(most: number, full?: readonly Lane[], onlyPages?: boolean): Promise<(OutboxRow & Lane)[]>;
  /**
   * Takes what one page costs from the budget of its contact, once for each page. A page that was held back takes along
   * everything of its contact that waits: those are of its digest, and end as it does.
   */
  admit(key: string, fence: number, contact: string | undefined, budget: PageBudget): Promise<Admission>;
  /** The person's next contact is due in so many milliseconds, unless it is before; not in its quiet hours. */
  hasten(turn: string, place: number, delayMs: number): Promise<void>;
  /** What the provider called the first message of the record in this lane to this address. */
  firstSent(record: Reference, lane: string, to: string): Promise<string | undefined>;
  /** Pages that nobody needs any more. */
  drop(keys: readonly string[], why: string): Promise<void>;
  /** Messages that wait to be sent, and the age of the oldest in seconds. */
  depth(): Promise<Depth>;
  /** Messages that wait until something of this installation is mended. */
  held(): Promise<{ kind: Message['kind']; count: number }[]>;
  /**
   * Another try in `delayMs`, with what went wrong. What is `held` waits for this installation to be mended, and has used up no
   * try unless it says so. In doubt, the next one may be a repeat.
   */
  putBack(
    key: string,
    fence: number,
    later: { delayMs: number; detail: string; held: boolean; isTry?: boolean; isInDoubt?: boolean | undefined },
  ): Promise<void>;
  /** Pages that may be sent and have not been, and for how many seconds the oldest is tried. */
  pages(): Promise<Depth>;
}

type Effect = Awaited<ReturnType<OutboxStore['of']>>[number];
const effectColumns = sql.raw('key, kind, state, created_at as at, result');
const rowColumns = sql.raw(
  'key, belongs_to, payload as message, fence, attempts, created_at, may_be_repeat, admitted_at is not null as is_admitted',
);
/** What is sent from here; other effects are performed by whoever began them. */
const isSentHere = sql.raw("kind not in ('http', 'command')");
const isPage = sql.raw('urgency < 9');

/** As JSON that PostgreSQL keeps, whoever has cut a text in the middle of a character: what cannot be written is never sent. */
const writable = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? keepable(part, part.length) : part));

/** The outbox in PostgreSQL: one row for each effect, under its business key. */
export const createOutboxStore = (db: Database): OutboxStorage => ({
  async put(key, belongsTo, message, delayMs = 0) {
    const { rows } = await sql<{ ageMs: number }>`
      with written as (
        insert into outbox (key, kind, belongs_to, payload, state, due_at)
        values (${key}, ${message.kind}, ${belongsTo}, ${writable(message)}::jsonb, 'pending', now() + make_interval(secs => ${delayMs / 1000}))
        on conflict (key) do nothing returning key), told as (select pg_notify('outbox', '') from written)
      select 0 as "ageMs" from told
      union all select case when state = 'pending' and (attempts > 0 or due_at <= now()) then 0
        else extract(epoch from now() - coalesce(settled_at, created_at)) * 1000 end::float from outbox where key = ${key}`.execute(
      db,
    );
    // Whoever has written it at the same moment is not seen yet.
    return rows[0]?.ageMs ?? 0;
  },
  async begin(key, belongsTo, kind, payload) {
    const inserted = await sql<{ fence: number }>`
      insert into outbox (key, kind, belongs_to, payload, state, fence, attempts)
      values (${key}, ${kind}, ${belongsTo}, ${writable(payload)}::jsonb, 'pending', 1, 1)
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
      const state = result.ok ? 'sent' : 'failed';
      const settled = await settle(tx, sql`key = ${key} and fence = ${fence}`, state, result);
      if (settled > 0)
        await settle(tx, sql`digest_of = ${key}`, state, {
          ...result,
          detail: `in the digest of ${key}: ${result.detail}`,
        });
      return settled > 0;
    }),
  async claim(most, full = [], onlyPages = false) {
    const { rows } = await sql<OutboxRow & Lane>`
      update outbox set due_at = now() + make_interval(secs => ${leaseSeconds}), fence = fence + 1, attempts = attempts + 1,
        may_be_repeat = may_be_repeat or is_under_way, is_under_way = true
      where key in (select key from outbox where state = 'pending' and ${isSentHere} and digest_of is null and due_at <= now()
          and urgency <= ${onlyPages ? 5 : 9} and case when ${isPage} then 'page ' else '' end || lane <> all(${full.map(nameOfLane)}::text[])
        order by urgency, due_at limit ${most} for update skip locked)
      returning ${rowColumns}, lane, ${isPage} as is_page`.execute(db);
    return rows;
  },
  admit: (key, fence, contact, { most, withinMs }) =>
    db.transaction().execute(async (tx) => {
      const waitMs = contact === undefined ? 0 : await waitOf(tx, contact, most, withinMs);
      const { rows } = await sql<{ admittedAt: string | null; isHeldBack: boolean }>`
        select admitted_at, is_held_back from outbox
        where key = ${key} and fence = ${fence} and state = 'pending' and digest_of is null for update`.execute(tx);
      const [row] = rows;
      if (!row) return undefined;
      if (row.admittedAt !== null) return { admitted: true, since: row.admittedAt, others: await othersOf(tx, key) };
      if (waitMs > 0) {
        await sql`update outbox set is_held_back = true where key = ${key}`.execute(tx);
        return { admitted: false, waitMs };
      }
      if (contact !== undefined) {
        await sql`
          update page_budget set full_at = greatest(full_at, clock_timestamp()) + make_interval(secs => ${withinMs / most / 1000})
          where contact = ${contact}`.execute(tx);
        if (row.isHeldBack)
          await sql`
            update outbox set digest_of = ${key}
            where page_contact = ${contact} and state = 'pending' and key <> ${key} and admitted_at is null and digest_of is null
              and (is_held_back or due_at <= now())`.execute(tx);
      }
      const admitted = await sql<{ admittedAt: string }>`
        update outbox set admitted_at = now() where key = ${key} returning admitted_at`.execute(tx);
      return { admitted: true, since: admitted.rows[0]!.admittedAt, others: await othersOf(tx, key) };
    }),
  async hasten(turn, place, delayMs) {
    await sql`
      with hastened as (
        update outbox set due_at = least(due_at, greatest(now() + make_interval(secs => ${delayMs / 1000}), (payload #>> '{page,notBefore}')::timestamptz))
        where page_turn = ${turn} and page_place = ${place} and state = 'pending' and attempts = 0 returning key)
      select pg_notify('outbox', '') from hastened`.execute(db);
  },
  async drop(keys, why) {
    if (keys.length === 0) return;
    await db
      .transaction()
      .execute((tx) =>
        settle(tx, sql`key = any(${keys}::text[])`, 'dropped', { ok: false, detail: why, neverSent: true }),
      );
  },
  async putBack(key, fence, { delayMs, held, isTry = !held, isInDoubt = false, detail }) {
    await sql`
      update outbox set due_at = now() + make_interval(secs => ${delayMs / 1000}), result = ${JSON.stringify({ ok: false, detail, held })}::jsonb,
        attempts = attempts - ${isTry ? 0 : 1}, is_under_way = false, may_be_repeat = may_be_repeat or ${isInDoubt}
      where key = ${key} and fence = ${fence} and state = 'pending'`.execute(db);
  },
  async depth() {
    const { rows } = await sql<Depth>`
      select ${depthSince('created_at')} from outbox where state = 'pending' and ${isSentHere}`.execute(db);
    return rows[0]!;
  },
  async pages() {
    const { rows } = await sql<Depth>`
      select ${depthSince('admitted_at')} from outbox
      where state = 'pending' and ${isSentHere} and ${isPage} and admitted_at is not null`.execute(db);
    return rows[0]!;
  },
  async held() {
    const { rows } = await sql<{ kind: Message['kind']; count: number }>`
      select kind, count(*)::int as count from outbox
      where state = 'pending' and ${isSentHere} and (result->>'held')::boolean group by kind`.execute(db);
    return rows;
  },
  async addressesOf(record, kind) {
    const { rows } = await sql<{ channel: string; to: string | null }>`
      select distinct payload ->> 'channel' as channel, payload ->> 'to' as "to" from outbox
      where belongs_to = ${record} and kind = ${kind} and payload ->> 'channel' is not null and not payload ? 'only' order by 1, 2`.execute(
      db,
    );
    return rows;
  },
  async firstSent(record, lane, to) {
    const { rows } = await sql<{ detail: string }>`
      select result ->> 'detail' as detail from outbox
      where belongs_to = ${record} and lane = ${lane} and payload ->> 'to' = ${to} and state = 'sent' and digest_of is null and not payload ? 'only'
      order by settled_at limit 1`.execute(db);
    return rows[0]?.detail;
  },
  async of(record) {
    const { rows } = await sql<Effect>`
      select ${effectColumns} from outbox where belongs_to = ${record} order by created_at, key`.execute(db);
    return rows;
  },
});

const nameOfLane = ({ lane, isPage: pages }: Lane): string => `${pages ? 'page ' : ''}${lane}`;

/** Ends those that are pending, each with an entry of the ledger; says how many. */
const settle = async (
  tx: Database,
  which: RawBuilder<unknown>,
  state: 'sent' | 'failed' | 'dropped',
  result: EffectResult,
): Promise<number> => {
  const { rows } = await sql<Effect & { belongsTo: Reference }>`
    update outbox set state = ${state}, settled_at = now(), is_under_way = false, result = ${JSON.stringify(result)}::jsonb
    where ${which} and state = 'pending'
    returning belongs_to, ${effectColumns}`.execute(tx);
  for (const { belongsTo, ...effect } of rows) {
    const entry: LedgerEntry = {
      key: `effect/${effect.key}`,
      at: new Date().toISOString(),
      actor: evenkeel,
      action: `effect.${state}`,
      subject: `effect/${effect.key}`,
      belongsTo,
      detail: { kind: effect.kind, detail: result.detail },
    };
    await append(tx, boundTo(effect, [entry]));
  }
  return rows.length;
};

/** How long until the contact may be sent a page, in milliseconds. Whoever asks for the same contact waits for this transaction. */
const waitOf = async (tx: Database, contact: string, most: number, withinMs: number): Promise<number> => {
  await sql`insert into page_budget (contact, full_at) values (${contact}, now()) on conflict do nothing`.execute(tx);
  // It is full for `most` pages when that time has come, and each of them puts it off.
  const { rows } = await sql<{ waitMs: number }>`
    with known as (select full_at from page_budget where contact = ${contact} for update)
    select (extract(epoch from full_at - clock_timestamp()) * 1000 - ${(withinMs / most) * (most - 1)})::float as wait_ms from known`.execute(
    tx,
  );
  return Math.max(0, Math.ceil(rows[0]!.waitMs));
};

/** The other pages of its digest, the worst first. */
const othersOf = async (tx: Database, key: string): Promise<OutboxRow[]> => {
  const { rows } = await sql<OutboxRow>`
    select ${rowColumns} from outbox where digest_of = ${key} and state = 'pending' order by urgency, created_at`.execute(
    tx,
  );
  return rows;
};
