import { sql } from 'kysely';
import { evenkeel } from '../domain/actor.rules.ts';
import type { Reference } from '../domain/reference.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';

interface WorkflowRun {
  workflowId: string;
  runId: string;
  belongsTo: Reference;
}

export interface ArchivedHistory extends WorkflowRun {
  events: number;
  sha256: string;
  archivedAt: string;
  gzip: Buffer;
}

/** Histories of closed workflow runs, kept before Temporal's retention ends. */
export const createHistoryStore = (db: Database) => ({
  /** Runs whose history is not kept yet, those first that were not looked at for longest. */
  async unarchived(most: number) {
    const { rows } = await sql<WorkflowRun>`
      update workflow_run r set looked_at = clock_timestamp()
      from (
        select w.workflow_id, w.run_id from workflow_run w
        where not exists (select from history h where h.workflow_id = w.workflow_id and h.run_id = w.run_id)
        order by w.looked_at nulls first, w.seen_at limit ${most} for update skip locked) due
      where r.workflow_id = due.workflow_id and r.run_id = due.run_id
      returning r.workflow_id, r.run_id, r.belongs_to`.execute(db);
    return rows;
  },
  keep: ({ workflowId, runId, belongsTo, events, sha256, gzip }: Omit<ArchivedHistory, 'archivedAt'>): Promise<void> =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        insert into history (workflow_id, run_id, belongs_to, events, sha256, gzip)
        values (${workflowId}, ${runId}, ${belongsTo}, ${events}, ${sha256}, ${gzip}) on conflict do nothing
        returning run_id`.execute(tx);
      if (!rows[0]) return;
      const subject = `history/${workflowId}/${runId}`;
      const at = new Date().toISOString();
      const detail = { events, sha256 };
      await append(tx, { key: subject, at, actor: evenkeel, action: 'history.archived', subject, belongsTo, detail });
    }),
  async of(record: Reference) {
    const { rows } = await sql<ArchivedHistory>`
      select * from history where belongs_to = ${record} order by archived_at, workflow_id`.execute(db);
    return rows;
  },
  /** Runs of a record whose history is not kept yet: open ones, and those that closed minutes ago. */
  async missing(record: Reference) {
    const { rows } = await sql<Pick<WorkflowRun, 'workflowId'>>`
      select r.workflow_id from workflow_run r where r.belongs_to = ${record}
        and not exists (select from history h where h.workflow_id = r.workflow_id and h.run_id = r.run_id) order by r.seen_at`.execute(
      db,
    );
    return rows.map(({ workflowId }) => workflowId);
  },
  /** Open records that have begun, those first that were not looked at for longest. */
  async open(most: number) {
    const { rows } = await sql<Pick<WorkflowRun, 'workflowId' | 'belongsTo'>>`
      update record r set looked_at = clock_timestamp()
      from (
        select reference from record
        where closed_at is null and state is not null and updated_at < now() - interval '1 minute'
        order by looked_at nulls first limit ${most} for update skip locked) due
      where r.reference = due.reference
      returning r.workflow_id, r.reference as belongs_to`.execute(db);
    return rows;
  },
  /** Records that are over for longer than `olderThanMs` while a run of theirs is not archived: a gap in the evidence. */
  async gaps(olderThanMs: number) {
    const { rows } = await sql<WorkflowRun>`
      select r.workflow_id, r.run_id, r.belongs_to from workflow_run r join record o on o.reference = r.belongs_to
      where o.closed_at < now() - make_interval(secs => ${olderThanMs / 1000})
        and not exists (select from history h where h.workflow_id = r.workflow_id and h.run_id = r.run_id)
      order by o.closed_at limit 1000`.execute(db);
    return rows;
  },
});
export type HistoryStore = ReturnType<typeof createHistoryStore>;
