import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Accepted, Arrival, InboxState, Verdict } from '../domain/inbox.ts';
import { type Database, isUnavailable } from './database.ts';

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

export interface Acceptance {
  /** Commits the arrival and says whether it is new. With `leased` the caller is its first deliverer. */
  accept(arrival: Arrival, leased?: boolean): Promise<Accepted>;
  /** Writes it in the caller's transaction, for what the house tells itself. */
  acceptWithin(tx: Database, arrival: Arrival): Promise<void>;
}

/** The way in: arrivals that come while statements are under way are folded into the next one. */
export const createAcceptance = (db: Database, leaseSeconds: number): Acceptance => {
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
        leaseSeconds,
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
      await write(tx, leaseSeconds, [arrival], [false]);
    },
  };
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
  leaseSeconds: number,
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
        jsonb_strip_nulls(jsonb_build_object('key', 'inbox/' || w.id || '/accepted', 'at', now(), 'actor', i.actor, 'action', 'command.accepted',
          'subject', 'inbox/' || w.id, 'plan', p.id, 'reason', i.content->'ask'->>'reason',
          'detail', jsonb_build_object('name', i.name, 'target', i.target, 'bodyHash', i.body_hash)))::text
      from written w join incoming i on i.id = w.id
        left join operation_plan p on p.workflow_id = split_part(i.target, '/runbook/', 1)
      where w.is_new and i.kind = 'command'
    ), told as (select pg_notify('inbox', '') where exists (select from written where is_new))
    select written.* from written left join told on true`.execute(db);
  return new Map(written.rows.map((row) => [`${row.source}\n${row.dedup_key}`, row]));
};
