import { sql } from 'kysely';
import type { IncidentStore } from '../../domain/incident/ports.ts';
import type { Database } from '../database.ts';
import { wakeTeller } from './open.ts';

export interface IncidentMerging extends Pick<IncidentStore, 'merge'> {
  /** Whether it may be merged into the other one: not while that is being merged itself, or both would end as a duplicate of one that is over. */
  claimMerge(number: number, into: number): Promise<boolean>;
}

/** Until a merge that may be asked for is a command that waits. */
const mergingSeconds = 60;
const merging = 7_310_002;

/** Makes one incident of two that are the same. */
export const createMerging = (db: Database): IncidentMerging => ({
  merge: (number, into) =>
    db.transaction().execute(async (tx) => {
      // One after the other: what is merged into may be merged itself at the same time.
      await sql`select pg_advisory_xact_lock(${merging})`.execute(tx);
      // Alerts first, as whoever correlates locks them.
      await sql`select from alert where incident = ${number} order by fingerprint for update`.execute(tx);
      const { rows } = await sql<{ into: number }>`
        update incident i set merged_into = coalesce(target.merged_into, target.number) from incident target
        where target.number = ${into} and (i.number = ${number} or i.merged_into = ${number})
          and i.number <> coalesce(target.merged_into, target.number)
          and i.merged_into is distinct from coalesce(target.merged_into, target.number)
        returning i.merged_into as into`.execute(tx);
      const last = rows[0]?.into;
      if (last === undefined) return;
      await sql`update alert set incident = ${last} where incident = ${number}`.execute(tx);
      // Where that has ended meanwhile, they go to another one.
      await sql`update incident set news = news + 1 where number = ${last}`.execute(tx);
      await wakeTeller(tx);
    }),
  claimMerge: (number, into) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ number: number; isMerging: boolean }>`
        select i.number, i.merging_at > now() - make_interval(secs => ${mergingSeconds}) is true
          or exists (select from inbox where kind = 'command' and target = 'incident/' || i.number and state = 'accepted'
            and content->'ask'->>'type' = 'merge') as is_merging
        from incident i where i.number = any(${[number, into]}::bigint[]) order by i.number for update`.execute(tx);
      if (rows.some((row) => row.number === into && row.isMerging)) return false;
      await sql`update incident set merging_at = now() where number = ${number}`.execute(tx);
      return true;
    }),
});
