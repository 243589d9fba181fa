import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import type { InboxRow, InboxState, Verdict } from '../domain/inbox.ts';
import type { Database } from './database.ts';
import { type Acceptance, createAcceptance } from './inbox-accept.ts';
import { append } from './ledger.ts';

/** How long a claim keeps others away, in seconds; longer than any delivery may take. */
const leaseSeconds = 15;
export interface InboxFilter {
  state: InboxState;
  /** Undefined for all teams. */
  teams: readonly string[] | undefined;
  after: { at: string; id: string } | undefined;
  limit: number;
}

export interface InboxStore extends Acceptance {
  claim(most: number): Promise<InboxRow[]>;
  /** Writes the verdict, unless a later claim holds the row; false then. */
  settle(row: Pick<InboxRow, 'id' | 'fence'>, state: InboxState, verdict: Verdict): Promise<boolean>;
  /** Gives the row back for another try in `delayMs`; `poisoned` counts towards being parked. */
  putBack(row: Pick<InboxRow, 'id' | 'fence'>, delayMs: number, poisoned: boolean, reason: string): Promise<void>;
  find(id: string): Promise<InboxRow | undefined>;
  /** Sends a row that found no plan, or was parked, on its way again. */
  redeliver(id: string, by: Actor, at: string): Promise<boolean>;
  list(filter: InboxFilter): Promise<InboxRow[]>;
  /** Rows that wait for delivery, and the age of the oldest in seconds. */
  depth(): Promise<{ waiting: number; oldestSeconds: number }>;
  /** Retries of a step or an activity that people have ordered, by commands that were accepted. */
  retriesOrdered(target: string, name: string): Promise<number>;
}

/** The inbox in PostgreSQL. */
export const createInboxStore = (db: Database): InboxStore => ({
  ...createAcceptance(db, leaseSeconds),
  async claim(most) {
    const { rows } = await sql<Row>`
        update inbox set due_at = now() + make_interval(secs => ${leaseSeconds}), fence = fence + 1
        where id in (select id from inbox where state = 'accepted' and due_at <= now() order by due_at limit ${most} for update skip locked)
        returning ${columns}`.execute(db);
    return rows.map(rowOf).toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
  },
  settle: (row, state, verdict) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<Row>`
          update inbox set state = ${state}, verdict = ${JSON.stringify(verdict)}::jsonb, settled_at = now()
          where id = ${row.id} and fence = ${row.fence} and state = 'accepted' returning ${columns}`.execute(tx);
      if (!rows[0]) return false;
      await noteEnd(tx, rowOf(rows[0]), verdict);
      return true;
    }),
  putBack: (row, delayMs, poisoned, reason) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<Row>`
          update inbox set
            due_at = now() + make_interval(secs => ${delayMs / 1000}),
            attempts = attempts + ${poisoned ? 1 : 0},
            state = case when attempts + ${poisoned ? 1 : 0} >= 5 then 'parked' else state end,
            verdict = jsonb_build_object('reason', ${reason.slice(0, 500)}::text)
          where id = ${row.id} and fence = ${row.fence} and state = 'accepted' returning ${columns}`.execute(tx);
      if (rows[0]?.state === 'parked') await noteEnd(tx, rowOf(rows[0]), { reason });
    }),
  async find(id) {
    const { rows } = await sql<Row>`select ${columns} from inbox where id = ${id}`.execute(db);
    return rows[0] ? rowOf(rows[0]) : undefined;
  },
  redeliver: (id, by, at) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ fence: string }>`
          update inbox set state = 'accepted', due_at = now(), attempts = 0, verdict = null
          where id = ${id} and state in ('gap', 'parked') returning fence`.execute(tx);
      if (!rows[0]) return false;
      await append(tx, [
        {
          key: `inbox/${id}/redelivered/${rows[0].fence}`,
          at,
          actor: by,
          action: 'inbox.redelivered',
          subject: `inbox/${id}`,
        },
      ]);
      await sql`notify inbox`.execute(tx);
      return true;
    }),
  async list({ state, teams, after, limit }) {
    const { rows } = await sql<Row>`
        select ${columns} from inbox
        where state = ${state} and (${teams === undefined} or team = any(${teams ?? []}))
          and (${after?.at ?? null}::timestamptz is null or (received_at, id) < (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::uuid))
        order by received_at desc, id desc limit ${limit}`.execute(db);
    return rows.map(rowOf);
  },
  async depth() {
    const { rows } = await sql<{ waiting: string; oldest: string }>`
        select count(*) as waiting, coalesce(extract(epoch from now() - min(received_at)), 0) as oldest from inbox where state = 'accepted'`.execute(
      db,
    );
    return { waiting: Number(rows[0]!.waiting), oldestSeconds: Number(rows[0]!.oldest) };
  },
  async retriesOrdered(target, name) {
    const { rows } = await sql<{ count: string }>`
        select count(*) from inbox where kind = 'command' and target = ${target} and state in ('accepted', 'applied')
          and content->'ask'->>'type' in ('retry', 'retry-step')
          and coalesce(content->'ask'->>'step', content->'ask'->>'activity') = ${name}`.execute(db);
    return Number(rows[0]!.count);
  },
});

/** A row that ends, or waits for somebody to look at it, is an entry of the ledger. */
const noteEnd = async (tx: Database, row: InboxRow, verdict: Verdict): Promise<void> => {
  if (row.kind === 'notice') return;
  const plan = verdict.plans?.[0] ?? (await planOf(tx, row.target));
  await append(tx, [
    {
      key: `inbox/${row.id}/${row.state}/${row.fence}`,
      at: new Date().toISOString(),
      actor: row.actor,
      action: `${row.kind}.${row.state}`,
      subject: `inbox/${row.id}`,
      ...(plan === undefined ? {} : { plan }),
      ...(verdict.reason ? { reason: verdict.reason } : {}),
      detail: { name: row.name, source: row.source, bodyHash: row.bodyHash },
    },
  ]);
};

/** The plan that a workflow belongs to: itself, or the one whose runbook it runs. */
const planOf = async (tx: Database, target: string | undefined): Promise<string | undefined> => {
  const { rows } = await sql<{ id: string }>`
    select id from operation_plan where workflow_id = split_part(${target ?? ''}, '/runbook/', 1)`.execute(tx);
  return rows[0]?.id;
};

interface Row {
  id: string;
  kind: InboxRow['kind'];
  source: string;
  dedup_key: string;
  name: string;
  target: string | null;
  team: string | null;
  actor: InboxRow['actor'];
  body: Buffer;
  body_hash: string;
  content: InboxRow['content'];
  state: InboxState;
  verdict: Verdict | null;
  received_at: Date;
  fence: string;
  attempts: number;
}

const columns = sql.raw(
  'id, kind, source, dedup_key, name, target, team, actor, body, body_hash, content, state, verdict, received_at, fence, attempts',
);

const rowOf = (row: Row): InboxRow => ({
  id: row.id,
  kind: row.kind,
  source: row.source,
  dedupKey: row.dedup_key,
  name: row.name,
  ...(row.target === null ? {} : { target: row.target }),
  ...(row.team === null ? {} : { team: row.team }),
  actor: row.actor,
  body: row.body,
  bodyHash: row.body_hash,
  content: row.content,
  state: row.state,
  verdict: row.verdict,
  receivedAt: row.received_at.toISOString(),
  fence: Number(row.fence),
  attempts: row.attempts,
});
