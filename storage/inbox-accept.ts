import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import type { Accepted, Arrival } from '../domain/inbox.ts';
import { type Database, prepared } from './database.ts';
import { createGroupCommit } from './group-commit.ts';

type AcceptedRow = Omit<Accepted, 'isSameBody'> & Pick<Arrival, 'source' | 'dedupKey' | 'bodyHash'>;

export interface Acceptance {
  /** Commits the arrival and says whether it is new. With `leased` the caller is its first deliverer. */
  accept(arrival: Arrival, leased?: boolean): Promise<Accepted>;
  /** Writes it in the caller's transaction, for what the house tells itself. */
  acceptWithin(tx: Database, arrival: Arrival): Promise<void>;
}

/** The way in: many arrivals at once are few statements. */
export const createAcceptance = (db: Database, leaseSeconds: number): Acceptance => {
  const commit = createGroupCommit<Leasing, AcceptedRow>({
    keyOf: ({ arrival }) => keyOf(arrival),
    weightOf: ({ arrival }) => arrival.body.length,
    write: (arrivals) => write(db, leaseSeconds, arrivals),
  });
  return {
    async accept(arrival, leased = false) {
      const row = await commit({ arrival, leased });
      if (!row) throw new Error('the inbox did not answer for a row');
      const { id, isNew, state, verdict, bodyHash, fence } = row;
      return { id, isNew, state, verdict, isSameBody: bodyHash === arrival.bodyHash, fence };
    },
    async acceptWithin(tx, arrival) {
      await write(tx, leaseSeconds, [{ arrival, leased: false }]);
    },
  };
};

interface Leasing {
  arrival: Arrival;
  leased: boolean;
}

const keyOf = ({ source, dedupKey }: Pick<Arrival, 'source' | 'dedupKey'>): string => `${source}\n${dedupKey}`;

/** Where an arrival stands before anybody has delivered it; what was foreseen counts for as long as the database agrees. */
const initialStateOf = ({ deadBecause, foreseen }: Arrival, areForeseenAlike: boolean) => {
  if (deadBecause !== undefined) return { state: 'dead', verdict: { reason: deadBecause } };
  if (!foreseen || (foreseen.places.length > 0 && !areForeseenAlike)) return { state: 'accepted' };
  const { state, verdict, revision, places } = foreseen;
  return { state, verdict, foreseen_at: revision, places };
};

/** False where one of the facts may open the plan that another one has to hear of. */
const foreseenAlike = (arrivals: readonly Leasing[]): boolean => {
  const facts = arrivals.filter(({ arrival }) => arrival.kind === 'fact' && arrival.deadBecause === undefined);
  const revisions = new Set(facts.map(({ arrival }) => arrival.foreseen?.revision));
  return revisions.size <= 1 && !revisions.has(undefined);
};

const write = async (
  db: Database,
  leaseSeconds: number,
  arrivals: readonly Leasing[],
): Promise<Map<string, AcceptedRow>> => {
  let next = 1;
  const startOf = ({ body }: Arrival): number => (next += body.length) - body.length;
  const areForeseenAlike = foreseenAlike(arrivals);
  const rows = arrivals.map(({ arrival, leased }) => ({
    // In the order of time, so that neighbours stand on the same pages of the index.
    id: randomUUIDv7(),
    kind: arrival.kind,
    source: arrival.source,
    dedup_key: arrival.dedupKey,
    name: arrival.name,
    target: arrival.target ?? null,
    belongs_to: arrival.belongsTo ?? null,
    team: arrival.team ?? null,
    actor: arrival.actor,
    starts: startOf(arrival),
    length: arrival.body.length,
    body_hash: arrival.bodyHash,
    content: arrival.content,
    ...initialStateOf(arrival, areForeseenAlike),
    lease: leased ? leaseSeconds : 0,
  }));
  // As they came, one after the other: text would double them on the way, and again in the parser.
  const bodies = Buffer.concat(arrivals.map(({ arrival: { body } }) => body));
  const written = await sql<AcceptedRow>`${prepared}
    with incoming as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(
        id uuid, kind text, source text, dedup_key text, name text, target text, belongs_to text, team text, starts int, length int, actor jsonb,
        body_hash text, content jsonb, state text, verdict jsonb, foreseen_at bigint, places jsonb, lease float)
    ), written as (
      insert into inbox (id, kind, source, dedup_key, name, target, belongs_to, team, actor, body, body_hash, content, state, verdict, due_at, settled_at)
      select id, kind, source, dedup_key, name, target, belongs_to, team, actor, substr(${bodies}::bytea, starts, length), body_hash, content,
        case when stands then state else 'accepted' end, case when stands then verdict end,
        now() + make_interval(secs => lease), case when stands and state <> 'accepted' then now() end
      from incoming, is_as_foreseen(foreseen_at, places) as stands
      order by source, dedup_key
      on conflict (source, dedup_key) do update set last_seen_at = now()
      returning id, source, dedup_key, (xmax = 0) as is_new, state, verdict, body_hash, fence
    ), recorded as (
      insert into ledger_entry (key, belongs_to, subject, action, body)
      select 'inbox/' || w.id || '/accepted', i.belongs_to, 'inbox/' || w.id, 'command.accepted',
        jsonb_strip_nulls(jsonb_build_object('key', 'inbox/' || w.id || '/accepted', 'at', now(), 'actor', i.actor, 'action', 'command.accepted',
          'subject', 'inbox/' || w.id, 'belongsTo', i.belongs_to, 'reason', i.content->'ask'->>'reason',
          'detail', jsonb_build_object('name', i.name, 'target', i.target, 'bodyHash', i.body_hash)))::text
      from written w join incoming i on i.id = w.id
      where w.is_new and i.kind = 'command'
    ), told as (select pg_notify('inbox', '') where exists (
      select from written w join incoming i on i.id = w.id where w.is_new and w.state = 'accepted' and i.lease = 0))
    select written.* from written left join told on true`.execute(db);
  return new Map(written.rows.map((row) => [keyOf(row), row]));
};
