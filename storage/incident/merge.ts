import { sql } from 'kysely';
import type { IncidentStore } from '../../domain/incident/ports.ts';
import type { Database } from '../database.ts';
import { bringNews, wakeTeller } from './open.ts';

export interface IncidentMerging extends Pick<IncidentStore, 'merge'> {
  /** Whether it may be merged into the other one: not while that is being merged itself, or both would end as a duplicate of one that is over. */
  claimMerge(number: number, into: number): Promise<boolean>;
}

/** By then a merge that was asked for is refused, or has closed its incident. */
const mergingSeconds = 60;

/** Makes one incident of two that are the same. */
export const createMerging = (db: Database): IncidentMerging => ({
  merge: (number, into) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        update incident set merged_into = ${into}
        where (number = ${number} or merged_into = ${number}) and merged_into is distinct from ${into} returning number`.execute(
        tx,
      );
      if (rows.length === 0) return;
      await sql`update alert set incident = ${into} where incident = ${number}`.execute(tx);
      await bringNews(tx, [into]);
      await wakeTeller(tx);
    }),
  claimMerge: (number, into) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ number: number; isMerging: boolean }>`
        select number, merging_at > now() - make_interval(secs => ${mergingSeconds}) is true as is_merging
        from incident where number = any(${[number, into]}::bigint[]) order by number for update`.execute(tx);
      if (rows.some((row) => row.number === into && row.isMerging)) return false;
      await sql`update incident set merging_at = now() where number = ${number}`.execute(tx);
      return true;
    }),
});
