import { sql } from 'kysely';
import type { Change } from '../domain/incident/suspect.ts';
import type { Database } from './database.ts';

/** No more is known of it: as likely as not. */
const unknownRisk = 0.5;
const most = 500;
/** Alerts may name any instant: nothing is known of what lies before, or is to come. */
const firstMs = Date.UTC(2000, 0, 1);

/** Plans that had begun, and changes that were told of, of these services within two days before an instant (milliseconds). */
export const changesNear = async (
  db: Database,
  { services, environment, at }: { services: readonly string[]; environment: string | undefined; at: number },
): Promise<Change[]> => {
  const until = new Date(Math.min(Math.max(at, firstMs), Date.now()) + 600_000).toISOString();
  const inPlace = environment === undefined ? sql`true` : sql`(environment is null or environment = ${environment})`;
  const { rows } = await sql<
    Omit<Change, 'startedAt' | 'endedAt' | 'risk'> & { startedAt: string; endedAt: string | null }
  >`
    with past as (
      select p.service, count(*) as changes, count(*) filter (where r.status in ('failed', 'undone')) as failures
      from operation_plan p join record r using (reference) join plan_start s on s.plan = p.id
      where p.service = any(${services}) group by p.service
    )
    select p.id, 'plan' as kind, concat_ws(' ', p.commission->'trigger'->>'type', p.commission->'trigger'->>'artifact') as summary,
      p.service, s.started_at, r.closed_at as ended_at, past.changes, past.failures
    from operation_plan p join record r using (reference) join plan_start s on s.plan = p.id join past using (service)
    where p.service = any(${services}) and ${inPlace}
      and s.started_at between ${until}::timestamptz - interval '2 days' and ${until}::timestamptz
    union all
    select id::text, 'change', summary, service, at, at, 0, 0 from change
    where service = any(${services}) and ${inPlace} and at between ${until}::timestamptz - interval '2 days' and ${until}::timestamptz
    order by started_at desc limit ${most}`.execute(db);
  return rows.map(({ startedAt, endedAt, ...row }) => ({
    ...row,
    startedAt: Date.parse(startedAt),
    endedAt: endedAt === null ? undefined : Date.parse(endedAt),
    risk: unknownRisk,
  }));
};
