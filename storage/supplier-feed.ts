import { sql } from 'kysely';
import type { AlertFormat } from '../domain/alert/readers.ts';
import { type SupplierNews, supplierSource } from '../domain/alert/supplier.ts';
import { sha256 } from '../domain/digest.ts';
import type { Outage, OutageImpact } from '../domain/supplier/outage.ts';
import { type AlertArrival, putAlerts } from './alert-inbox.ts';
import type { Database } from './database.ts';

/** Whose matter an outage of a supplier is. */
export interface Served {
  supplier: string;
  team: string;
  service: string;
  environment: string;
}

const mostOutages = 5_000;

interface Turned {
  key: string;
  title: string;
  impact: OutageImpact;
  link: string | null;
  startedAt: string;
  endedAt: string | null;
}

/** How a status feed stands, for whoever looks at the supplier. */
export interface FeedState {
  failingSince: string | null;
  fault: string | null;
}

/** Status feeds in PostgreSQL. Times come from the caller, in ISO 8601 with milliseconds. */
export const createSupplierFeedStore = (db: Database) => ({
  /** True for one caller in each span: the feed is asked by nobody else until it is over. */
  async claim(supplier: string, at: string, everyMs: number): Promise<boolean> {
    const { rows } = await sql`
      insert into supplier_feed (supplier, watched_since, due_at)
      values (${supplier}, ${at}, ${at}::timestamptz + make_interval(secs => ${everyMs / 1_000}))
      on conflict (supplier) do update set due_at = excluded.due_at where supplier_feed.due_at <= ${at}
      returning supplier`.execute(db);
    return rows.length > 0;
  },
  /** Keeps what the feed tells, and tells of what has begun and ended since. What it tells of no more has ended. */
  keep: ({ supplier, team, service, environment }: Served, outages: readonly Outage[], at: string): Promise<void> =>
    db.transaction().execute(async (tx) => {
      await sql`select from supplier_feed where supplier = ${supplier} for update`.execute(tx);
      await sql`update supplier_feed set failing_since = null, fault = null where supplier = ${supplier}`.execute(tx);
      const { rows } = await sql<Turned>`
        with told as (
          select * from jsonb_to_recordset(${JSON.stringify(outages)}::jsonb)
            as t(key text, title text, impact text, "startedAt" timestamptz, "endedAt" timestamptz, link text)
        ), begun as (
          insert into supplier_outage (supplier, key, title, impact, link, started_at, ended_at)
          select distinct on (key) ${supplier}, key, title, impact, link, "startedAt", "endedAt" from told
          -- One that is told of again goes on.
          on conflict (supplier, key) do update set ended_at = null
            where supplier_outage.ended_at is not null and excluded.ended_at is null
          returning key, title, impact, link, started_at, ended_at
        ), ended as (
          update supplier_outage o set ended_at = greatest(o.started_at, coalesce(t."endedAt", ${at}::timestamptz))
          from (select o.key, t."endedAt", t.key is not null as is_told from supplier_outage o left join told t using (key)
            where o.supplier = ${supplier} and o.ended_at is null) t
          where o.supplier = ${supplier} and o.key = t.key and (t."endedAt" is not null or not t.is_told)
          returning o.key, o.title, o.impact, o.link, o.started_at, o.ended_at
        )
        select * from begun where ended_at is null union all select * from ended`.execute(tx);
      const news = rows.map(({ key, link, endedAt, ...outage }): SupplierNews => {
        const status = endedAt === null ? 'firing' : 'resolved';
        const place = { supplier, service, environment };
        return { ...outage, ...place, outage: key, status, at: endedAt ?? at, ...(link === null ? {} : { link }) };
      });
      if (news.length > 0)
        await putAlerts(
          tx,
          news.map((one) => arrivalOf(one, team, at)),
        );
    }),
  /** Notes that the feed could not be read, and why. */
  async fail(supplier: string, at: string, fault: string): Promise<void> {
    await sql`
      update supplier_feed set failing_since = coalesce(failing_since, ${at}), fault = ${fault}
      where supplier = ${supplier}`.execute(db);
  },
  /** Its outages that were going on in a span, and since when its feed is watched; undefined where it never was. */
  async outagesOf(
    supplier: string,
    { from, until }: { from: string; until: string },
  ): Promise<{ watchedSince: string | undefined; outages: Outage[] }> {
    const { rows: watched } = await sql<{ watchedSince: string }>`
      select watched_since from supplier_feed where supplier = ${supplier}`.execute(db);
    const { rows } = await sql<Turned>`
      select key, title, impact, link, started_at, ended_at from supplier_outage
      where supplier = ${supplier} and started_at < ${until} and coalesce(ended_at, 'infinity') > ${from}
      order by started_at, key limit ${mostOutages}`.execute(db);
    const outages = rows.map(({ link, endedAt, ...outage }) => ({
      ...outage,
      ...(link === null ? {} : { link }),
      ...(endedAt === null ? {} : { endedAt }),
    }));
    return { watchedSince: watched[0]?.watchedSince, outages };
  },
  /** Of these suppliers; those that were never asked are not there. */
  async statesOf(suppliers: readonly string[]): Promise<ReadonlyMap<string, FeedState>> {
    const { rows } = await sql<FeedState & { supplier: string }>`
      select supplier, failing_since, fault from supplier_feed where supplier = any(${suppliers})`.execute(db);
    return new Map(rows.map(({ supplier, ...state }) => [supplier, state]));
  },
});

const arrivalOf = (news: SupplierNews, team: string, receivedAt: string): AlertArrival => {
  const body = Buffer.from(JSON.stringify(news));
  const { supplier, outage, status, startedAt } = news;
  return {
    source: supplierSource(supplier),
    dedupKey: sha256(`${outage}\n${startedAt}\n${status}`),
    format: 'supplier' satisfies AlertFormat,
    team,
    body,
    bodyHash: sha256(body),
    alerts: 1,
    receivedAt,
  };
};
