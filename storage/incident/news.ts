import { sql } from 'kysely';
import { IncidentCommission } from '../../domain/incident.ts';
import type { IncidentStore } from '../../domain/incident/ports.ts';
import type { Database } from '../database.ts';
import { readable, readStored } from '../stored.ts';

/** An incident that its workflow has to be told of. */
export interface ToldIncident {
  number: number;
  workflowId: string;
  team: string;
  commission: IncidentCommission;
  news: number;
  /** Its workflow has not begun, though it was told. */
  isLate: boolean;
}

export interface IncidentNews extends Pick<IncidentStore, 'tellAgain'> {
  /** Claims incidents with news, at most one telling a second each, and those that were told and have not begun. */
  claimNews(most: number): Promise<ToldIncident[]>;
  /** The workflow has heard of all news up to this one. */
  noteTold(number: number, news: number): Promise<void>;
  /** It could not be told: once more in so many milliseconds. */
  putBack(number: number, delayMs: number): Promise<void>;
}

const leaseSeconds = 15;
/** Until an incident that was told must have begun. */
const lateSeconds = 10;
/** Tellings that a workflow may be behind: it gets no more until it has heard some. */
const mostUnheard = 20;

/** What the workflows of incidents have to be told, and what they were. */
export const createIncidentNews = (db: Database): IncidentNews => ({
  async claimNews(most) {
    const { rows } = await sql<Omit<ToldIncident, 'commission'> & { commission: unknown }>`
      update incident i set due_at = now() + make_interval(secs => ${leaseSeconds})
      from record r
      where r.reference = i.reference and i.number in (
        select number from incident n join record o using (reference)
        where n.due_at <= now() and o.status not in ('closed', 'cancelled')
          and (n.told < n.news or (not n.has_begun and n.due_at <= now() - make_interval(secs => ${lateSeconds})))
          and n.told - coalesce((o.state->'alerts'->>'news')::bigint, 0) < ${mostUnheard}
        order by n.severity, n.due_at limit ${most} for update of n skip locked)
      returning i.number, r.workflow_id, r.team, i.commission, i.news, not i.has_begun and i.told > 0 as is_late`.execute(
      db,
    );
    return readable(rows, (row) => ({
      ...row,
      commission: readStored(IncidentCommission, row.commission, `the commission of incident ${row.number}`),
    }));
  },
  async noteTold(number, news) {
    await sql`
      update incident set told = greatest(told, ${news}), due_at = now() + interval '1 second' where number = ${number}`.execute(
      db,
    );
  },
  async putBack(number, delayMs) {
    await sql`update incident set due_at = now() + make_interval(secs => ${delayMs / 1000}) where number = ${number}`.execute(
      db,
    );
  },
  async tellAgain(number) {
    await sql`update incident set news = news + 1, due_at = now() where number = ${number}`.execute(db);
  },
});
