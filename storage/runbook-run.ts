import { sql } from 'kysely';
import type { RunStore } from '../domain/ports.ts';
import { RunbookRun } from '../domain/runbook-run.ts';
import { type Database, writeTogether } from './database.ts';
import { appending, boundTo } from './ledger.ts';
import { notingRun, savingTasks } from './operation-plan.ts';

/** Readable copies of runbook runs. */
export const createRunStore = (db: Database): RunStore => ({
  save: (record, team, entries, runId) =>
    writeTogether(db, [
      sql`
        insert into runbook_run (workflow_id, plan, activity, status, rev, record)
        values (${record.workflowId}, ${record.plan}, ${record.activity}, ${record.status}, ${record.rev}, ${JSON.stringify(record)}::jsonb)
        on conflict (workflow_id) do update set status = excluded.status, rev = excluded.rev, record = excluded.record, updated_at = now()
          where runbook_run.rev < excluded.rev`,
      savingTasks(record.tasks, team),
      notingRun(record.workflowId, runId, record.plan),
      appending(boundTo(record, entries)),
    ]),
  async ofPlan(plan) {
    const { rows } = await sql<{ record: unknown }>`
      select record from runbook_run where plan = ${plan} order by started_at, workflow_id`.execute(db);
    return rows.map(({ record }) => RunbookRun.parse(record));
  },
});
