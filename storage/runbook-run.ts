import { sql } from 'kysely';
import type { AnnouncedRun, RunStore } from '../domain/ports.ts';
import { RunbookRun } from '../domain/runbook-run.ts';
import { cached } from './cache.ts';
import type { Database } from './database.ts';
import { readStored } from './stored.ts';
import { saveState, unlessLost } from './record.ts';

const mostCached = 1_000;

/** Runs of runbooks: who owns them, and their readable copies. */
export const createRunStore = (db: Database): RunStore => ({
  async announce({ id, workflowId, belongsTo, activity, kind, number }) {
    await sql`
      insert into runbook_run (id, workflow_id, belongs_to, activity, kind, number, status, rev)
      values (${id}, ${workflowId}, ${belongsTo}, ${activity}, ${kind}, ${number}, 'announced', 0) on conflict do nothing`.execute(
      db,
    );
  },
  announced: cached(mostCached, async (workflowId: string) => {
    const { rows } = await sql<AnnouncedRun>`
      select id, workflow_id, belongs_to, activity, kind, number from runbook_run where workflow_id = ${workflowId}`.execute(
      db,
    );
    return rows[0];
  }),
  save: (record, team, entries, by) =>
    saveState(
      db,
      { table: 'runbook_run', state: record, belongsTo: record.belongsTo, team, entries, by },
      (clock) => sql`
      update runbook_run set status = ${record.status}, rev = ${record.rev}, record = ${JSON.stringify(record)}::jsonb,
        as_of = greatest(as_of, ${clock}::timestamptz), updated_at = now(),
        ended_by = ${record.endedAt === undefined ? null : by.runId}
      where workflow_id = ${record.workflowId} and rev < ${record.rev} and ${unlessLost}`,
    ),
  async find(id) {
    const { rows } = await sql<{ record: unknown }>`
      select record from runbook_run where id = ${id} and record is not null`.execute(db);
    return rows[0] && readStored(RunbookRun, rows[0].record, `run ${id}`);
  },
  async of(record) {
    const { rows } = await sql<{ record: unknown }>`
      select record from runbook_run where belongs_to = ${record} and record is not null order by started_at, workflow_id`.execute(
      db,
    );
    return rows.map(({ record: kept }) => readStored(RunbookRun, kept, `a run of ${record}`));
  },
});
