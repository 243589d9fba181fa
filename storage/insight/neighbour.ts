import { sql } from 'kysely';
import type { Occurred } from '../../domain/insight/identification.rules.ts';
import type { Database } from '../database.ts';

/** What to look for around an instant: within so many milliseconds before and after. */
export interface Around {
  key: string;
  at: string;
  spanMs: number;
}

const most = 500;

/** Incidents of clusters around instants, by cluster. */
export const incidentsOfClusters = (tx: Database, around: readonly Around[]): Promise<Map<string, Occurred[]>> =>
  incidentsBy(tx, around, 'cluster');

/** Incidents with terms around instants, by term. */
export const incidentsOfTerms = (tx: Database, around: readonly Around[]): Promise<Map<string, Occurred[]>> =>
  incidentsBy(tx, around, 'term');

const incidentsBy = async (
  tx: Database,
  around: readonly Around[],
  by: 'cluster' | 'term',
): Promise<Map<string, Occurred[]>> => {
  if (around.length === 0) return new Map();
  const table = sql.table(by === 'cluster' ? 'incident_profile' : 'incident_term');
  const rows = around.map(({ key, at, spanMs }) => ({ key, at, seconds: spanMs / 1_000 }));
  const found = await sql<{ key: string } & Occurred>`
    select distinct asked.key, near.incident as number, near.at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as asked(key text, at timestamptz, seconds float)
      cross join lateral (
        select t.incident, t.at from ${table} t
        where t.${sql.ref(by)} = asked.key and t.at between asked.at - make_interval(secs => asked.seconds) and asked.at + make_interval(secs => asked.seconds)
        order by t.at desc, t.incident desc limit ${most}) as near
    order by asked.key, near.at, near.incident`.execute(tx);
  return Map.groupBy(found.rows, ({ key }) => key);
};

/** The open problem that takes what comes of each of these clusters: opened for it, or one that has an incident of it. Private ones take nothing by themselves. */
export const problemsTaking = async (tx: Database, clusters: readonly string[]): Promise<Map<string, number>> => {
  if (clusters.length === 0) return new Map();
  const { rows } = await sql<{ cluster: string; problem: number }>`
    select distinct on (found.cluster) found.cluster, found.number as problem from (
      select p.pattern as cluster, p.number, 0 as rank from problem p join record r using (reference)
      where r.status <> 'closed' and p.pattern = any(${clusters}::text[]) and not p.commission ? 'privateTo'
      union all
      select i.cluster, p.number, 1 from problem p join record r using (reference),
        jsonb_to_recordset(r.state->'incidents') as linked(number bigint) join incident_profile i on i.incident = linked.number
      where r.kind = 'problem' and r.status <> 'closed' and i.cluster = any(${clusters}::text[]) and not p.commission ? 'privateTo') as found
    order by found.cluster, found.rank, found.number`.execute(tx);
  return new Map(rows.map(({ cluster, problem }) => [cluster, problem]));
};
