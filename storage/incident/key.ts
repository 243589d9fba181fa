import { sql } from 'kysely';
import type { Database } from '../database.ts';

/** The incident that takes the alerts of a key now, or was the last to. */
export interface KeyedIncident {
  correlationKey: string;
  number: number;
  /** It takes them: it is open, or may be opened again. */
  takes: boolean;
  isOpen: boolean;
}

/**
 * By key, locked for the caller's transaction: what was opened for it, or else the open incident of its team that has joined its alerts, as
 * a storm does.
 */
export const lockByKey = async (tx: Database, keys: readonly string[]): Promise<Map<string, KeyedIncident>> => {
  const { rows } = await sql<KeyedIncident>`
    select k.key as correlation_key, i.number, i.is_open, (i.is_open or i.reopens_until > now()) is true as takes
    from unnest(${keys}::text[]) as k(key) join lateral (
      select t.number from (
        (select coalesce(merged_into, number) as number, true as is_own from incident where correlation_key = k.key
          order by is_open desc, number desc limit 1)
        union all
        (select coalesce(n.merged_into, n.number), false from (
            select incident, team from alert where correlation_key = k.key and incident is not null order by incident desc limit 1) as kin
          join incident n on n.number = kin.incident join incident o on o.number = coalesce(n.merged_into, n.number)
          where o.is_open and o.commission->>'team' = kin.team)) as found
      join incident t on t.number = found.number
      order by t.is_open desc, found.is_own desc limit 1) as last on true
    join incident i on i.number = last.number
    order by i.number for update of i`.execute(tx);
  return new Map(rows.map((row) => [row.correlationKey, row]));
};

/** The incident that takes what belongs to another: itself, or the one it was merged into. */
export interface Taker {
  number: number;
  team: string;
  /** It is not resolved: who works on it keeps its alerts, whatever team they are of by now. */
  isOpen: boolean;
}

/** By number, locked for the caller's transaction; those that take alerts now alone. */
export const takersOf = async (tx: Database, numbers: readonly number[]): Promise<Map<number, Taker>> => {
  if (numbers.length === 0) return new Map();
  const { rows } = await sql<Taker & { of: number }>`
    select n.number as of, i.number, i.commission->>'team' as team, i.is_open
    from incident n join incident i on i.number = coalesce(n.merged_into, n.number)
    where n.number = any(${numbers}::bigint[]) and (i.is_open or i.reopens_until > now())
    order by i.number for update of i`.execute(tx);
  return new Map(rows.map(({ of, ...taker }) => [of, taker]));
};

/** Open incidents of a team in an environment, the newest first; locked, in the order in which everybody locks. */
export const lockOpenIn = async (
  tx: Database,
  { team, environment, withinMs }: { team: string; environment: string | null; withinMs: number },
): Promise<{ number: number; service: string | null }[]> => {
  const { rows } = await sql<{ number: number; service: string | null }>`
    select number, service from incident where is_open and number in (
      select i.number from incident i join record r using (reference)
      where i.is_open and i.correlation_key is not null and r.team = ${team} and i.environment is not distinct from ${environment}
        and r.opened_at > now() - make_interval(secs => ${withinMs / 1000})
      order by i.number desc limit 100)
    order by number for update`.execute(tx);
  return rows.toReversed();
};

/** By team: its open storm, and how many keys of it have begun to fire in the last ten minutes. */
export const stormsOf = async (
  tx: Database,
  teams: readonly string[],
): Promise<Map<string, { incident: number | undefined; recent: number }>> => {
  const { rows } = await sql<{ team: string; incident: number | null; recent: number }>`
    select t.team, (select number from incident where correlation_key = 'storm/' || t.team and is_open) as incident,
      (select count(distinct correlation_key) from alert a where a.team = t.team and a.is_firing and a.correlation_key is not null
        and a.changed_at > now() - interval '10 minutes') as recent
    from unnest(${teams}::text[]) as t(team)`.execute(tx);
  return new Map(rows.map(({ team, incident, recent }) => [team, { incident: incident ?? undefined, recent }]));
};
