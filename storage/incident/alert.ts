import { sql } from 'kysely';
import type { CountedAlerts } from '../../domain/incident/ports.ts';
import type { Database } from '../database.ts';

/** A page names every alert; one of very many has its link. */
const mostTitles = 200;
const mostServices = 60;

const flaps = sql`a.flaps_until > now()`;

/**
 * An alert that fires, or flaps, and that nobody has shelved; once it is only a warning, nobody is needed for it. What is held opens no
 * incident, also none that is resolved.
 */
const counts = sql`(a.is_firing or ${flaps}) and a.severity in ('critical', 'error') and (a.shelved_until is null or a.shelved_until <= now())
  and (a.held_by is null or i.reopens_until is null)`;

/** When it began, or was told again: one that flaps has done so for as long as its states are known, so that no turn of it is news. No clock counts that is ahead of ours. */
const startedAt = sql`case when ${flaps} then to_timestamp((a.state->'states'->0->>0)::double precision / 1000)
  else least(greatest((a.state->'starts'->>-1)::timestamptz, (a.state->>'resumedAt')::timestamptz), a.last_seen_at) end`;

/** When it ended, or was taken to have; or became a warning, while it fires. */
const endedAt = sql`case when not a.is_firing
    then coalesce((a.state->>'lapsedAt')::timestamptz, least((a.state->>'endedAt')::timestamptz, a.last_seen_at))
  when a.severity not in ('critical', 'error') then a.changed_at end`;

/** How the alerts of an incident stand. */
export const situationOf = async (db: Database, number: number): Promise<CountedAlerts | undefined> => {
  const { rows } = await sql<CountedAlerts>`
    select i.news, count(a.fingerprint) as total, count(*) filter (where ${counts}) as firing,
      count(*) filter (where ${counts} and ${flaps}) as flapping,
      (array_agg(a.severity order by array_position(array['critical', 'error', 'warning', 'info'], a.severity)) filter (where ${counts}))[1] as worst,
      max(${startedAt}) filter (where ${counts}) as started_at,
      case when bool_and(a.state->>'acknowledgedAt' >= a.state->'starts'->>-1 is true) filter (where ${counts} and a.is_firing)
        then max(a.state->>'acknowledgedAt') filter (where ${counts} and a.is_firing) end as acknowledged_at,
      max(${endedAt}) as ended_at
    from incident i left join alert a on a.incident = i.number
    where i.number = ${number} group by i.number`.execute(db);
  return rows[0];
};

/** The titles of its alerts, each once. */
export const alertNames = async (db: Database, number: number): Promise<string[]> => {
  const { rows } = await sql<{ title: string }>`
    select distinct title from alert where incident = ${number} limit ${mostTitles}`.execute(db);
  return rows.map(({ title }) => title);
};

/** What of its alerts fires or flaps, the worst first, as lines for people. */
export const alertTitles = async (db: Database, number: number): Promise<string[]> => {
  const { rows } = await sql<{ title: string; services: string[]; count: number; isFlapping: boolean }>`
    select a.title, array_agg(distinct a.service) filter (where a.service is not null) as services, count(*) as count,
      coalesce(bool_or(${flaps}), false) as is_flapping
    from alert a join incident i on i.number = a.incident where i.number = ${number} and ${counts}
    group by a.title
    order by min(array_position(array['critical', 'error', 'warning', 'info'], a.severity)), a.title limit ${mostTitles}`.execute(
    db,
  );
  return rows.map(({ title, services, count, isFlapping }) => {
    const shown = services
      ? ` (${services.slice(0, mostServices).join(', ')}${services.length > mostServices ? ', …' : ''})`
      : '';
    return `${title}${shown}${count > 1 ? `, ${count} times` : ''}${isFlapping ? ', flapping' : ''}`;
  });
};
