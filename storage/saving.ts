import { type RawBuilder, sql } from 'kysely';
import type { LedgerEntry } from '../domain/audit.ts';
import type { SavedBy } from '../domain/ports.ts';
import type { Task } from '../domain/task.ts';
import { type Database, writeTogether } from './database.ts';
import { appending, boundTo } from './ledger.ts';

interface Save {
  record: { workflowId: string; tasks: readonly Task[] };
  plan: string;
  team: string;
  entries: readonly LedgerEntry[];
  by: SavedBy;
  table: 'operation_plan' | 'runbook_run';
}

/**
 * Saves the record of a plan or of a run with its tasks and entries, in one statement. Where another path was saved under
 * these revisions, keeps nothing and says up to which.
 */
export const saveRecord = (
  db: Database,
  { record, plan, team, entries, by: { runId, at }, table }: Save,
  row: (clock: string) => RawBuilder<unknown>,
): Promise<number | undefined> => {
  const clock = new Date(at).toISOString();
  return writeTogether(
    db,
    [
      row(clock),
      savingTasks(record.tasks, team),
      notingRun(record.workflowId, runId, plan),
      appending(boundTo(record, entries), sql`where ${unlessLost}`),
    ],
    sql`
      select rev from ${sql.table(table)}
      where workflow_id = ${record.workflowId} and as_of < ${clock}::timestamptz and rev >= ${firstOf(entries)}::bigint`,
  );
};

/**
 * Holds where no other path was saved under these revisions. A worker may be lost after it saved and before Temporal heard
 * of it: its task is done anew, perhaps otherwise, and by a later clock.
 */
export const unlessLost = sql`not exists (select from lost)`;

/** The first revision that a save brings, by the keys of its entries; higher than all there are when it brings none. */
const firstOf = ([first]: readonly LedgerEntry[]): number => {
  const [, rev] = /\/(\d+)$/.exec(first?.key ?? '') ?? [];
  return rev === undefined ? Number.MAX_SAFE_INTEGER : Number(rev);
};

/** The readable copy of tasks, which belong to the plan or to one of its runbook runs. */
const savingTasks = (tasks: readonly Task[], team: string): RawBuilder<unknown> | undefined => {
  if (tasks.length === 0) return undefined;
  const rows = tasks.map((task) => ({
    id: task.id,
    plan: task.plan,
    team: 'team' in task.assignee ? task.assignee.team : team,
    status: task.status,
    due_at: task.dueAt,
    opened_at: task.openedAt,
    record: task,
  }));
  return sql`
    insert into task (id, plan, team, status, due_at, opened_at, record)
    select id, plan, team, status, due_at, opened_at, record
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as t(id text, plan text, team text, status text, due_at timestamptz, opened_at timestamptz, record jsonb)
    where ${unlessLost}
    on conflict (id) do update set status = excluded.status, due_at = excluded.due_at, record = excluded.record
      where task.status = 'open' and task.record->>'workflowId' = excluded.record->>'workflowId'`;
};

/** Remembers a run of a workflow, so that its history is archived before Temporal forgets it. */
export const notingRun = (workflowId: string, runId: string, plan: string): RawBuilder<unknown> =>
  sql`insert into workflow_run (workflow_id, run_id, plan) values (${workflowId}, ${runId}, ${plan}) on conflict do nothing`;
