import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { Actor } from '../domain/actor.ts';
import { evenkeel } from '../domain/actor.rules.ts';
import { reportReference } from '../domain/identifiers.ts';
import { Scope } from '../domain/metric.ts';
import { PerformanceReport, type ReportCommission } from '../domain/performance-report.ts';
import type { PerformanceReportStore } from '../domain/performance-report/ports.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';
import { is, isBehind, isOfTeams, type TeamsPage } from './page.ts';
import { type Listed, listed, readStored } from './stored.ts';

export interface ReportRow extends ReportCommission {
  writtenAt: string | null;
}

export interface PerformanceReportStorage extends PerformanceReportStore {
  /** The newest first. */
  list(page: TeamsPage): Promise<Listed<ReportRow>>;
}

interface Row {
  id: string;
  scope: unknown;
  periodFrom: string;
  periodUntil: string;
  isSent: boolean;
  orderedBy: unknown;
  orderedAt: string;
  team: string | null;
  writtenAt: string | null;
}
const columns = sql.raw(
  'id, scope, period_from as "periodFrom", period_until as "periodUntil", is_sent as "isSent", ordered_by as "orderedBy", ordered_at as "orderedAt", team, written_at as "writtenAt"',
);
const rowOf = ({
  id,
  scope,
  periodFrom,
  periodUntil,
  isSent,
  orderedBy,
  orderedAt,
  team,
  writtenAt,
}: Row): ReportRow => ({
  id,
  scope: readStored(Scope, scope, `the scope of report ${id}`),
  period: { from: periodFrom, until: periodUntil },
  isSent,
  orderedBy: readStored(Actor, orderedBy, `who ordered report ${id}`),
  orderedAt,
  ...(team === null ? {} : { team }),
  writtenAt,
});
const mostListed = 200;

/** Reports in PostgreSQL, each as it was written. */
export const createPerformanceReportStore = (db: Database): PerformanceReportStorage => ({
  open: (orderKey, { scope, period, isSent, orderedBy, orderedAt, team }, entry) =>
    db.transaction().execute(async (tx) => {
      const id = randomUUIDv7();
      const { rows } = await sql<{ id: string }>`
        insert into performance_report (id, order_key, scope, period_from, period_until, is_sent, ordered_by, ordered_at, team)
        values (${id}, ${orderKey}, ${JSON.stringify(scope)}::jsonb, ${period.from}, ${period.until}, ${isSent}, ${JSON.stringify(orderedBy)}::jsonb, ${orderedAt}, ${team ?? null})
        on conflict (order_key) do nothing returning id`.execute(tx);
      if (rows[0]) {
        await append(tx, boundTo({ scope, period }, [entry(id)]));
        return id;
      }
      const known = await sql<{ id: string }>`select id from performance_report where order_key = ${orderKey}`.execute(
        tx,
      );
      return known.rows[0]!.id;
    }),
  async commission(id) {
    const { rows } = await sql<Row>`select ${columns} from performance_report where id = ${id}`.execute(db);
    if (!rows[0]) return undefined;
    const { writtenAt: _, ...commission } = rowOf(rows[0]);
    return commission;
  },
  async find(id) {
    const { rows } = await sql<{ document: unknown }>`
      select document from performance_report where id = ${id} and document is not null`.execute(db);
    return rows[0] && readStored(PerformanceReport, rows[0].document, `report ${id}`);
  },
  write: (report) =>
    db.transaction().execute(async (tx) => {
      const { id, writtenAt: at } = report;
      const { rows } = await sql<{ document: unknown }>`
        update performance_report set document = coalesce(document, ${JSON.stringify(report)}::jsonb),
          written_at = coalesce(written_at, ${at}) where id = ${id} returning document`.execute(tx);
      const kept = readStored(PerformanceReport, rows[0]?.document, `report ${id}`);
      const subject = reportReference(id);
      await append(
        tx,
        boundTo(kept, [
          { key: `${subject}/written`, at: kept.writtenAt, actor: evenkeel, action: 'report.written', subject },
        ]),
      );
      return kept;
    }),
  async titles(numbers) {
    const { rows } = await sql<{ number: number; title: string }>`
      select i.number, coalesce(r.state->>'title', i.commission->>'title') as title from incident i join record r using (reference)
      where i.number = any(${numbers}::bigint[]) and not i.commission ? 'privateTo'`.execute(db);
    return new Map(rows.map(({ number, title }) => [number, title]));
  },
  async problems({ service, team }, since) {
    const { rows } = await sql<{
      number: number;
      title: string;
      status: string;
      owner: string | null;
      openActions: number;
      lateActions: number;
      verdict: string | null;
    }>`
      select p.number, r.state->>'title' as title, r.status, r.state->>'owner' as owner,
        r.state->'verification'->'last'->>'verdict' as verdict,
        (select count(*)::int from jsonb_array_elements(r.state->'actions') a where a->>'status' in ('open', 'in-progress')) as open_actions,
        (select count(*)::int from jsonb_array_elements(r.state->'actions') a
          where a->>'status' in ('open', 'in-progress') and (a->>'dueOn')::date < now()::date) as late_actions
      from problem p join record r using (reference)
      where r.state is not null and not p.commission ? 'privateTo' and (r.status <> 'closed' or r.closed_at >= ${since})
        and ${is('service', service)} and ${is(sql`r.state->>'team'`, team)}
      order by p.number desc limit ${mostListed}`.execute(db);
    return rows.map(({ owner, verdict, ...problem }) => ({
      ...problem,
      ...(owner === null ? {} : { owner }),
      ...(verdict === null ? {} : { verdict }),
    }));
  },
  async failedFixes({ service, team }) {
    const { rows } = await sql<{ problem: number; service: string | null }>`
      select p.number as problem, p.service from problem p join record r using (reference)
      where r.status <> 'closed' and r.state->'verification'->'last'->>'verdict' = 'not-effective' and not p.commission ? 'privateTo'
        and ${is('service', service)} and ${is(sql`r.state->>'team'`, team)}
      order by p.number limit ${mostListed}`.execute(db);
    return rows.map((row) => ({ problem: row.problem, service: row.service ?? undefined }));
  },
  async expiring({ service, team, environment }, services, now, until) {
    const { rows } = await sql<{ what: string; reason: string; expiresAt: string }>`
      select 'waiver of ' || check_id || ' for ' || service || ' in ' || environment as what, reason, expires_at
      from waiver
      where approved_by is not null and withdrawn_by is null and expires_at >= ${now} and expires_at < ${until}
        and service = any(${services}) and ${is('environment', environment)}
      union all
      select 'accepted risk of problem ' || p.number, r.state->'risk'->>'reason', (r.state->'risk'->>'until')::timestamptz
      from problem p join record r using (reference)
      where r.state->'risk'->>'status' = 'accepted' and not p.commission ? 'privateTo'
        and (r.state->'risk'->>'until')::timestamptz >= ${now} and (r.state->'risk'->>'until')::timestamptz < ${until}
        and ${is('service', service)} and ${is(sql`r.state->>'team'`, team)}
      order by expires_at limit ${mostListed}`.execute(db);
    return rows;
  },
  async list({ teams, after, limit }) {
    const { rows } = await sql<Row>`
      select ${columns} from performance_report
      where ${isOfTeams(teams)} and ${isBehind(after, sql`ordered_at`, sql`id::text`)}
      order by ordered_at desc, id::text desc limit ${limit}`.execute(db);
    return listed(rows, limit, rowOf, ({ orderedAt, id }) => ({ at: orderedAt, id }));
  },
});
