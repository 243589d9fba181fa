import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Actor } from '../domain/actor.ts';
import type { Accepted, Arrival, InboxRow, InboxState, Verdict } from '../domain/inbox.ts';
import { type Database, isUnavailable } from './database.ts';
import { append } from './ledger.ts';

/** How long a claim keeps others away, in seconds; longer than any delivery may take. */
const leaseSeconds = 15;
const widest = 200;
const statementsAtOnce = 2;

type Waiting = {
  arrival: Arrival;
  leased: boolean;
  done: (accepted: Accepted) => void;
  failed: (error: unknown) => void;
};

interface AcceptedRow {
  id: string;
  source: string;
  dedup_key: string;
  is_new: boolean;
  state: InboxState;
  verdict: Verdict | null;
  body_hash: string;
  fence: string;
}

export interface InboxFilter {
  state: InboxState;
  /** Undefined for all teams. */
  teams: readonly string[] | undefined;
  after: { at: string; id: string } | undefined;
  limit: number;
}

export interface InboxStore {
  /**
   * Commits the arrival and says whether it is new. With `leased` the caller is its first deliverer.
   * Arrivals that come while statements are under way are folded into the next one.
   */
  accept(arrival: Arrival, leased?: boolean): Promise<Accepted>;
  /** Writes it in the caller's transaction, for what the house tells itself. */
  acceptWithin(tx: Database, arrival: Arrival): Promise<void>;
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
export const createInboxStore = (db: Database): InboxStore => {
  let queue: Waiting[] = [];
  let underWay = 0;

  const flush = (): void => {
    while (queue.length > 0 && underWay < statementsAtOnce) {
      const batch = takeDistinct();
      underWay += 1;
      void writeAll(batch).finally(() => {
        underWay -= 1;
        flush();
      });
    }
  };

  const writeAll = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const rows = await write(
        db,
        batch.map(({ arrival }) => arrival),
        batch.map(({ leased }) => leased),
      );
      for (const { arrival, done, failed } of batch) {
        const row = rows.get(keyOf(arrival));
        if (row) done(answerOf(row, arrival));
        else failed(new Error('the inbox did not answer for a row'));
      }
    } catch (error) {
      // One arrival that the database refuses does not take along those that were folded with it.
      if (batch.length > 1 && !isUnavailable(error)) await Promise.all(batch.map((waiting) => writeAll([waiting])));
      else batch.forEach(({ failed }) => failed(error));
    }
  };

  // One statement may not touch a row twice: a repeat waits for the next statement.
  const takeDistinct = (): Waiting[] => {
    const taken = new Map<string, Waiting>();
    const left: Waiting[] = [];
    for (const waiting of queue) {
      const key = keyOf(waiting.arrival);
      if (taken.size < widest && !taken.has(key)) taken.set(key, waiting);
      else left.push(waiting);
    }
    queue = left;
    return [...taken.values()].toSorted((a, b) => (keyOf(a.arrival) < keyOf(b.arrival) ? -1 : 1));
  };

  return {
    accept: (arrival, leased = false) =>
      new Promise<Accepted>((done, failed) => {
        queue.push({ arrival, leased, done, failed });
        flush();
      }),
    async acceptWithin(tx, arrival) {
      await write(tx, [arrival], [false]);
    },
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
        const settled = rowOf(rows[0]);
        if (settled.kind !== 'notice') {
          const plan = verdict.plans?.[0] ?? (await planOf(tx, settled.target));
          await append(tx, [
            {
              key: `inbox/${row.id}/${state}/${row.fence}`,
              at: new Date().toISOString(),
              actor: settled.actor,
              action: `${settled.kind}.${state}`,
              subject: `inbox/${row.id}`,
              ...(plan === undefined ? {} : { plan }),
              ...(verdict.reason ? { reason: verdict.reason } : {}),
              detail: { name: settled.name, source: settled.source, bodyHash: settled.bodyHash },
            },
          ]);
        }
        return true;
      }),
    async putBack(row, delayMs, poisoned, reason) {
      await sql`
        update inbox set
          due_at = now() + make_interval(secs => ${delayMs / 1000}),
          attempts = attempts + ${poisoned ? 1 : 0},
          state = case when attempts + ${poisoned ? 1 : 0} >= 5 then 'parked' else state end,
          verdict = jsonb_build_object('reason', ${reason.slice(0, 500)}::text)
        where id = ${row.id} and fence = ${row.fence} and state = 'accepted'`.execute(db);
    },
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
  };
};

/** The plan that a workflow belongs to: itself, or the one whose runbook it runs. */
const planOf = async (tx: Database, target: string | undefined): Promise<string | undefined> => {
  const { rows } = await sql<{ id: string }>`
    select id from operation_plan where workflow_id = split_part(${target ?? ''}, '/runbook/', 1)`.execute(tx);
  return rows[0]?.id;
};

const keyOf = ({ source, dedupKey }: Pick<Arrival, 'source' | 'dedupKey'>): string => `${source}\n${dedupKey}`;

const answerOf = (row: AcceptedRow, { bodyHash }: Arrival): Accepted => ({
  id: row.id,
  isNew: row.is_new,
  state: row.state,
  verdict: row.verdict,
  isSameBody: row.body_hash === bodyHash,
  fence: Number(row.fence),
});

const write = async (
  db: Database,
  arrivals: readonly Arrival[],
  leased: readonly boolean[],
): Promise<Map<string, AcceptedRow>> => {
  const rows = arrivals.map((arrival, index) => ({
    id: randomUUID(),
    kind: arrival.kind,
    source: arrival.source,
    dedup_key: arrival.dedupKey,
    name: arrival.name,
    target: arrival.target ?? null,
    team: arrival.team ?? null,
    actor: arrival.actor,
    body: Buffer.from(arrival.body).toString('base64'),
    body_hash: arrival.bodyHash,
    content: arrival.content,
    state: arrival.deadBecause === undefined ? 'accepted' : 'dead',
    verdict: arrival.deadBecause === undefined ? null : { reason: arrival.deadBecause },
    lease: leased[index] ? leaseSeconds : 0,
  }));
  const written = await sql<AcceptedRow>`
    with incoming as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(
        id uuid, kind text, source text, dedup_key text, name text, target text, team text, actor jsonb, body text,
        body_hash text, content jsonb, state text, verdict jsonb, lease float)
    ), written as (
      insert into inbox (id, kind, source, dedup_key, name, target, team, actor, body, body_hash, content, state, verdict, due_at)
      select id, kind, source, dedup_key, name, target, team, actor, decode(body, 'base64'), body_hash, content, state,
        nullif(verdict, 'null'::jsonb), now() + make_interval(secs => lease)
      from incoming order by source, dedup_key
      on conflict (source, dedup_key) do update set last_seen_at = now()
      returning id, source, dedup_key, (xmax = 0) as is_new, state, verdict, body_hash, fence
    ), recorded as (
      insert into ledger_entry (key, plan, subject, action, body)
      select 'inbox/' || w.id || '/accepted', p.id, 'inbox/' || w.id, 'command.accepted',
        jsonb_build_object('key', 'inbox/' || w.id || '/accepted', 'at', now(), 'actor', i.actor, 'action', 'command.accepted',
          'subject', 'inbox/' || w.id, 'plan', p.id, 'reason', i.content->'ask'->>'reason',
          'detail', jsonb_build_object('name', i.name, 'target', i.target, 'bodyHash', i.body_hash))::text
      from written w join incoming i on i.id = w.id
        left join operation_plan p on p.workflow_id = split_part(i.target, '/runbook/', 1)
      where w.is_new and i.kind = 'command'
    ), told as (select pg_notify('inbox', '') where exists (select from written where is_new))
    select written.* from written left join told on true`.execute(db);
  return new Map(written.rows.map((row) => [`${row.source}\n${row.dedup_key}`, row]));
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
