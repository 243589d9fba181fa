import { sql } from 'kysely';
import { Incident, IncidentCommission } from '../../domain/incident.ts';
import type { ProfiledFacts } from '../../domain/insight/building.ts';
import { IncidentProfile } from '../../domain/insight/profile.ts';
import type { Template } from '../../domain/insight/template.rules.ts';
import type { Database } from '../database.ts';
import { readable, readStored } from '../stored.ts';

/** An incident that was saved since it was looked at last, with the count of what was saved. */
export interface Unprofiled extends ProfiledFacts {
  number: number;
  changes: number;
}

const profiling = 7_480_014;
const mostAlerts = 500;

/** Does work on patterns that nobody else does at the same time; `otherwise` where somebody does. */
export const profileAlone = <Result>(
  db: Database,
  otherwise: Result,
  work: (tx: Database) => Promise<Result>,
): Promise<Result> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${profiling}) as mine`.execute(tx);
    return rows[0]!.mine ? work(tx) : otherwise;
  });

/** Incidents that are to be looked at, the oldest first; those that nobody can read are passed over. */
export const unprofiledIncidents = async (
  tx: Database,
  most: number,
): Promise<{ found: Unprofiled[]; unreadable: { number: number; changes: number }[] }> => {
  const { rows } = await sql<Row>`
    select i.number, i.changes, i.commission, r.state, p.profile
    from incident i join record r using (reference) left join incident_profile p on p.incident = i.number
    where i.profiled < i.changes order by i.number limit ${most}`.execute(tx);
  const alerts = await alertsOf(
    tx,
    rows.map(({ number }) => number),
  );
  const found = readable(rows, ({ number, changes, commission, state, profile }) => ({
    number,
    changes,
    commission: readStored(IncidentCommission, commission, `the commission of incident ${number}`),
    record: state === null ? null : readStored(Incident, state, `incident ${number}`),
    before: profile === null ? undefined : readStored(IncidentProfile, profile, `the profile of incident ${number}`),
    alerts: alerts.get(number) ?? [],
  }));
  const known = new Set(found.map(({ number }) => number));
  return { found, unreadable: rows.filter(({ number }) => !known.has(number)) };
};

interface Row {
  number: number;
  changes: number;
  commission: unknown;
  state: unknown;
  profile: unknown;
}

/** The alerts of incidents, by number. */
export const alertsOf = async (
  tx: Database,
  numbers: readonly number[],
): Promise<Map<number, ProfiledFacts['alerts']>> => {
  const { rows } = await sql<{ incident: number } & ProfiledFacts['alerts'][number]>`
    select i.number as incident, a.fingerprint, a.title, coalesce(a.state->'last'->'labels', '{}') as labels
    from unnest(${numbers}::bigint[]) as i(number) cross join lateral (
      select fingerprint, title, state from alert where incident = i.number order by first_seen_at, fingerprint limit ${mostAlerts}) as a`.execute(
    tx,
  );
  return Map.groupBy(rows, ({ incident }) => incident);
};

/** Templates by scope, those that were met least lately first. */
export const templatesOf = async (
  tx: Database,
  scopes: readonly string[],
  most: number,
): Promise<Map<string, Template[]>> => {
  const { rows } = await sql<{ scope: string } & Template>`
    select s.scope, t.id, t.tokens from unnest(${scopes}::text[]) as s(scope) cross join lateral (
      select id, tokens, met from insight_template where scope = s.scope order by met desc, id desc limit ${most}) as t
    order by s.scope, t.met, t.id`.execute(tx);
  return Map.groupBy(rows, ({ scope }) => scope);
};

/** So many ids for new templates, in order. */
export const templateIds = async (tx: Database, count: number): Promise<number[]> => {
  const { rows } = await sql<{ id: number }>`
    select nextval('insight_template_id') as id from generate_series(1, ${count}) order by id`.execute(tx);
  return rows.map(({ id }) => id);
};
