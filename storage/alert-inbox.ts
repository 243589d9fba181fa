import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { type Database, type Depth, depthSince, prepared } from './database.ts';
import { createGroupCommit } from './group-commit.ts';

/** A body of a source that tells of alerts. */
export interface AlertArrival {
  source: string;
  dedupKey: string;
  /** How the body is read. */
  format: string;
  team: string;
  body: Uint8Array;
  bodyHash: string;
  /** How many alerts it tells of. */
  alerts: number;
  /** Our clock, in ISO 8601 with milliseconds. */
  receivedAt: string;
}

export interface AcceptedAlerts {
  id: string;
  /** False: the same key came with another body before; the first body stays. */
  isSameBody: boolean;
}

/** One row that waits to be correlated. A repeat waits again, since it says that its alerts still stand as they did. */
export interface AlertRow extends Pick<AlertArrival, 'source' | 'format' | 'team' | 'body'> {
  id: string;
  receivedOn: string;
  dedupKey: string;
  lastSeenAt: string;
}

/** What is looked at in one transaction, which the database gives only so much time. */
const mostAlerts = 2_000;
const mostRows = 1_000;
const mostBytes = 16 * 1024 * 1024;

/** What came in of alerts: committed before it is answered, correlated soon after, dropped by whole days. */
export const createAlertInbox = (db: Database) => {
  const commit = createGroupCommit<AlertArrival, Written>({
    keyOf,
    weightOf: ({ body }) => body.length,
    write: (arrivals) => write(db, arrivals),
  });
  return {
    async accept(arrival: AlertArrival): Promise<AcceptedAlerts> {
      const row = await commit(arrival);
      if (!row) throw new Error('the inbox did not answer for a row');
      return { id: row.id, isSameBody: row.bodyHash === arrival.bodyHash };
    },
    /** Of what waits to be correlated. */
    async depth(): Promise<Depth> {
      const { rows } = await sql<Depth>`
        select ${depthSince('last_seen_at')} from alert_inbox where state = 'accepted'`.execute(db);
      return rows[0]!;
    },
    /** Makes partitions for today and the days to come, and drops those older than so many days. */
    async keepDays(days: number): Promise<void> {
      const { rows } = await sql<{ name: string; day: string }>`
        select c.relname as name, substr(c.relname, 13) as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'alert_inbox'::regclass and c.relname ~ '^alert_inbox_\\d{8}$'`.execute(db);
      const now = Date.now();
      for (const ahead of [0, 1, 2]) {
        const [from, until] = [dayOf(now + ahead * dayMs), dayOf(now + (ahead + 1) * dayMs)];
        const name = `alert_inbox_${from.replaceAll('-', '')}`;
        if (rows.some((row) => row.name === name)) continue;
        // What came in before the day had a partition stays where it is.
        const early = await sql`select from alert_inbox_other where received_on = ${from} limit 1`.execute(db);
        if (early.rows.length > 0) continue;
        await sql`create table if not exists ${sql.table(name)} partition of alert_inbox for values from (${sql.lit(from)}) to (${sql.lit(until)})`.execute(
          db,
        );
      }
      const oldest = dayOf(now - days * dayMs);
      for (const { name, day } of rows)
        if (day < oldest.replaceAll('-', '')) await sql`drop table ${sql.table(name)}`.execute(db);
      await sql`delete from alert_inbox_other where received_on < ${oldest}`.execute(db);
    },
  };
};

/** The same in the caller's transaction, of arrivals with different keys. */
export const putAlerts = async (tx: Database, arrivals: readonly AlertArrival[]): Promise<void> =>
  void (await write(tx, arrivals));

/** Rows to look at in the caller's transaction, the oldest first: so many of them, or fewer if they are large; or the one with this id. */
export const alertsToCorrelate = async (tx: Database, only?: string): Promise<AlertRow[]> => {
  const { rows } = await sql<AlertRow>`${prepared}
    select id, received_on::text, source, dedup_key, format, team, body, last_seen_at from (
      select *, sum(alerts) over (order by id) - alerts as before, sum(length(body)) over (order by id) - length(body) as bytes_before from (
        select * from alert_inbox where state = 'accepted' and ${only === undefined ? sql`true` : sql`id = ${only}`}
        order by id limit ${mostRows} for update skip locked) as waiting
    ) as counted where before < ${mostAlerts} and bytes_before < ${mostBytes} order by id`.execute(tx);
  return rows;
};

/** Settles rows that were looked at, in the caller's transaction; those with a reason could not be read. */
export const settleAlerts = async (
  tx: Database,
  rows: readonly (Pick<AlertRow, 'id' | 'receivedOn'> & { reason?: string | undefined })[],
): Promise<void> => {
  const days = [...new Set(rows.map(({ receivedOn }) => receivedOn))];
  const wanted = rows.map(({ id, reason = null }) => ({ id, reason }));
  await sql`${prepared}
    update alert_inbox i set state = case when w.reason is null then 'delivered' else 'parked' end, reason = w.reason
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w(id uuid, reason text)
    where i.received_on = any(${days}::date[]) and i.id = any(${rows.map(({ id }) => id)}::uuid[]) and i.id = w.id
      and i.state = 'accepted'`.execute(tx);
};

const dayMs = 86_400_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

type Written = { id: string } & Pick<AlertArrival, 'source' | 'dedupKey' | 'bodyHash'>;

const keyOf = ({ source, dedupKey }: Pick<AlertArrival, 'source' | 'dedupKey'>): string => `${source}\n${dedupKey}`;

const write = async (db: Database, arrivals: readonly AlertArrival[]) => {
  let next = 1;
  const rows = arrivals.map(({ body, source, dedupKey, format, team, bodyHash, alerts, receivedAt }) => {
    const starts = next;
    next += body.length;
    return {
      id: randomUUIDv7(),
      source,
      dedup_key: dedupKey,
      format,
      team,
      body_hash: bodyHash,
      alerts,
      received_at: receivedAt,
      starts,
      length: body.length,
    };
  });
  const bodies = Buffer.concat(arrivals.map(({ body }) => body));
  const written = await sql<Written>`${prepared}
    with written as (
      insert into alert_inbox (received_on, id, source, dedup_key, format, team, body, body_hash, alerts, state, received_at, last_seen_at)
      select received_at::timestamptz at time zone 'UTC', id, source, dedup_key, format, team, substr(${bodies}::bytea, starts, length),
        body_hash, alerts, 'accepted', received_at, received_at
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(
        id uuid, source text, dedup_key text, format text, team text, body_hash text, alerts int, received_at timestamptz, starts int, length int)
      order by source, dedup_key
      on conflict (received_on, source, dedup_key) do update set last_seen_at = excluded.last_seen_at, state = 'accepted'
      returning id, source, dedup_key, body_hash
    ), told as (select pg_notify('alerts', ''))
    select written.* from written, told`.execute(db);
  return new Map(written.rows.map((row) => [keyOf(row), row]));
};
