import { sql } from 'kysely';
import type { HeartbeatSpec } from '../domain/heartbeat.ts';
import { type Database, prepared } from './database.ts';

/** A heartbeat of the catalogue: how long it may be silent, and what there is to tell of it then. */
export interface Expected {
  name: string;
  withinMs: number;
  told: SilenceOf;
}
type SilenceOf = Pick<HeartbeatSpec, 'team' | 'every' | 'grace' | 'severity' | 'service' | 'environment'>;

/** One that has fallen silent, or is heard again, since then. */
export interface Turned {
  name: string;
  status: 'firing' | 'resolved';
  at: string;
  lastBeatAt: string | null;
  /** As it was when it fell silent. */
  told: SilenceOf;
}

/** When heartbeats were heard, by the clock of the database. */
export const createHeartbeatStore = (db: Database) => ({
  async beat(name: string): Promise<void> {
    // Its row may be waited for, and silence has begun meanwhile: the time is that of writing it.
    await sql`${prepared}
      insert into heartbeat (name, beaten_at) values (${name}, clock_timestamp())
      on conflict (name) do update set beaten_at = clock_timestamp()`.execute(db);
  },
});

/**
 * Those that have fallen silent or are heard again, each told once, in the caller's transaction. One that has never beaten, or was
 * changed, has its time from when it was applied; one that is expected no more has nothing to be silent about.
 */
export const turnedHeartbeats = async (tx: Database, expected: readonly Expected[]): Promise<Turned[]> => {
  const { rows } = await sql<Turned>`${prepared}
    with expected as (
      select name, told, make_interval(secs => "withinMs" / 1000.0) as within
      from jsonb_to_recordset(${JSON.stringify(expected)}::jsonb) as t(name text, told jsonb, "withinMs" bigint)
    ), known as (
      insert into heartbeat (name) select name from expected
      where not exists (select from heartbeat h where h.name = expected.name)
      order by name on conflict do nothing
    ), applied as (
      select e.name, e.told, e.within, (
        select r.applied_at from document d join revision r on r.number = d.revision
        where d.kind = 'Heartbeat' and d.name = e.name order by d.revision desc limit 1
      ) as at from expected e
    ), silent as (
      update heartbeat h set silent_since = now(), told = a.told from applied a
      where h.name = a.name and h.silent_since is null and greatest(h.beaten_at, a.at) + a.within < now()
      returning h.name, 'firing' as status, h.silent_since as at, h.beaten_at as last_beat_at, h.told
    ), heard as (
      update heartbeat h set silent_since = null
      where h.silent_since is not null
        and (h.beaten_at >= h.silent_since or not exists (select from expected e where e.name = h.name))
      returning h.name, 'resolved' as status, now() as at, h.beaten_at as last_beat_at, h.told
    )
    select * from silent union all select * from heard`.execute(tx);
  return rows;
};
