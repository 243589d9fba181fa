import { sql } from 'kysely';
import type { RunStore } from '../domain/ports.ts';
import { RunbookRun } from '../domain/runbook-run.ts';
import type { Database } from './database.ts';
import { saveRecord, unlessLost } from './saving.ts';

/** Readable copies of runbook runs. */
export const createRunStore = (db: Database): RunStore => ({
  save: (record, team, entries, by) =>
    saveRecord(
      db,
      { record, plan: record.plan, team, entries, by, table: 'runbook_run' },
      (clock) => sql`
      insert into runbook_run (workflow_id, plan, activity, status, rev, record, as_of)
      select ${record.workflowId}, ${record.plan}, ${record.activity}, ${record.status}, ${record.rev}::integer,
        ${JSON.stringify(record)}::jsonb, ${clock}::timestamptz
      where ${unlessLost}
      on conflict (workflow_id) do update set status = excluded.status, rev = excluded.rev, record = excluded.record,
        as_of = greatest(runbook_run.as_of, excluded.as_of), updated_at = now()
        where runbook_run.rev < excluded.rev`,
    ),
  async ofPlan(plan) {
    const { rows } = await sql<{ record: unknown }>`
      select record from runbook_run where plan = ${plan} order by started_at, workflow_id`.execute(db);
    return rows.map(({ record }) => RunbookRun.parse(record));
  },
});
