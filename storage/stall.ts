import { sql } from 'kysely';
import type { Reference } from '../domain/reference.ts';
import type { Stall } from '../domain/stall.ts';
import type { Database } from './database.ts';
import { is, isOfTeams } from './page.ts';

/** What is tried again and again, as whoever tries it has noted. */
export const createStallStore = (db: Database) => ({
  /** Notes another failure; returns it as it stands, with the team that answers for the record. */
  async note({ workflowId, what, reason, attempts }: Omit<Stall, 'belongsTo' | 'since'>) {
    const { rows } = await sql<Stall & { team: string | null }>`
      with noted as (
        insert into stall (workflow_id, what, belongs_to, reason, attempts)
        values (${workflowId}, ${what}, coalesce(
          (select reference from record where workflow_id = ${workflowId}),
          (select belongs_to from runbook_run where workflow_id = ${workflowId})), ${reason}, ${attempts})
        on conflict (workflow_id, what) do update set reason = excluded.reason, attempts = excluded.attempts
        returning *)
      select n.workflow_id, n.what, n.belongs_to, n.reason, n.attempts, n.since, r.team
      from noted n left join record r on r.reference = n.belongs_to`.execute(db);
    return rows[0]!;
  },
  /** It went on. */
  async clear(workflowId: string, what: string): Promise<void> {
    await sql`delete from stall where workflow_id = ${workflowId} and what = ${what}`.execute(db);
  },
  /** Forgets what belongs to workflows that are none of these, of all that were noted as `what`. */
  async clearOthers(what: string, workflowIds: readonly string[]): Promise<void> {
    await sql`delete from stall where what = ${what} and workflow_id <> all(${workflowIds})`.execute(db);
  },
  /** Forgets whatever was noted of a record that is over: nobody tries any more. */
  async clearEnded(): Promise<void> {
    await sql`
      delete from stall s using record r where r.reference = s.belongs_to and r.closed_at < now() - interval '5 minutes'`.execute(
      db,
    );
  },
  /** The oldest first, of records of these teams; of one record, if one is asked for. */
  async list({ teams, belongsTo }: { teams?: readonly string[] | undefined; belongsTo?: Reference }) {
    const { rows } = await sql<Stall>`
      select s.workflow_id, what, belongs_to, reason, attempts, since
      from stall s left join record r on r.reference = s.belongs_to
      where ${isOfTeams(teams)} and ${is('belongs_to', belongsTo)} order by since limit 200`.execute(db);
    return rows;
  },
  /** How many workflows and activities do not go on. */
  async count() {
    const { rows } = await sql<{ workflows: number; activities: number }>`
      select count(*) filter (where what = 'workflow') as workflows, count(*) filter (where what <> 'workflow') as activities
      from stall`.execute(db);
    return rows[0]!;
  },
});
export type StallStore = ReturnType<typeof createStallStore>;
