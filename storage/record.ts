import { type RawBuilder, sql } from 'kysely';
import type { LedgerEntry } from '../domain/audit.ts';
import { DomainError } from '../domain/errors.ts';
import { kindOf } from '../domain/identifiers.ts';
import type { SavedBy } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';
import type { Task } from '../domain/task.ts';
import { type Database, writeTogether } from './database.ts';
import { appending, boundTo } from './ledger.ts';
import { isBehind, isOfTeams, type TeamsPage } from './page.ts';

/** A record as every kind has it; `state` is what its workflow saved last, null before that. */
export interface RecordRow {
  reference: Reference;
  workflowId: string;
  team: string;
  status: string;
  rev: number;
  state: unknown;
  openedAt: string;
  updatedAt: string;
  closedAt: string | null;
}

export interface RecordFilter extends TeamsPage {
  kind: string;
}

/** Readable copies of records in PostgreSQL, whatever their kind. */
export const createRecordStore = (db: Database) => ({
  async find(reference: Reference) {
    const { rows } = await sql<RecordRow>`
      select ${recordColumns} from record r where r.reference = ${reference}`.execute(db);
    return rows[0];
  },
  /** The newest first. */
  async list({ kind, teams, after, limit }: RecordFilter) {
    const { rows } = await sql<RecordRow>`
      select ${recordColumns} from record r
      where kind = ${kind} and ${isOfTeams(teams)} and ${isBehind(after, sql`opened_at`, sql`reference`)}
      order by opened_at desc, reference desc limit ${limit}`.execute(db);
    return rows;
  },
  /** Remembers a run of the record's workflow as soon as it is there: it may end before it saves anything. */
  async noteRun(workflowId: string, runId: string, belongsTo: Reference): Promise<void> {
    await notingRun(workflowId, runId, belongsTo).execute(db);
  },
  /** The record that a workflow carries, or acts for as a run: its team, and when it ended if it has. */
  async ownerOf(workflowId: string) {
    const { rows } = await sql<{ belongsTo: Reference; team: string; closedAt: string | null }>`
      select r.reference as belongs_to, r.team, r.closed_at from record r
      where r.workflow_id = ${workflowId}
        or r.reference = (select belongs_to from runbook_run where workflow_id = ${workflowId})`.execute(db);
    return rows[0];
  },
  /** How many there are of each kind in each status. */
  async count() {
    const { rows } = await sql<{ kind: string; status: string; count: number }>`
      select kind, status, count(*) from record group by kind, status order by kind, status`.execute(db);
    return rows;
  },
});

export type RecordStore = ReturnType<typeof createRecordStore>;

/** Opens a record in the caller's transaction, before its workflow is there. */
export const openRecord = async (
  tx: Database,
  { reference, workflowId, team, status }: Pick<RecordRow, 'reference' | 'workflowId' | 'team' | 'status'>,
): Promise<void> => {
  await sql`
    insert into record (reference, kind, workflow_id, team, status)
    values (${reference}, ${kindOf(reference)}, ${workflowId}, ${team}, ${status})`.execute(tx);
};

interface Save {
  state: { workflowId: string; status: string; rev: number; tasks: readonly Task[] };
  /** What has ended never opens again, but for the run that ended it: its last words may have been lost. */
  isOver: boolean;
  team: string;
  entries: readonly LedgerEntry[];
  by: SavedBy;
}

/**
 * Saves the newest state of a record with its tasks and entries, in one statement. Where another path was saved under
 * these revisions, keeps nothing and says up to which. `also` writes what a kind keeps besides; it may read what was kept
 * of the record from `write_0` (`reference`, `closed_at`).
 */
export const saveRecord = (
  db: Database,
  { reference, ...save }: Save & { reference: Reference },
  also?: RawBuilder<unknown>,
): Promise<number | undefined> =>
  saveState(
    db,
    { ...save, table: 'record', belongsTo: reference },
    (clock) => sql`
      update record set status = ${save.state.status}, rev = ${save.state.rev}, state = ${JSON.stringify(save.state)}::jsonb,
        updated_at = now(), closed_at = case when ${save.isOver} then coalesce(closed_at, now()) end,
        ended_by = ${save.isOver ? save.by.runId : null},
        as_of = greatest(as_of, ${clock}::timestamptz)
      where reference = ${reference} and workflow_id = ${save.state.workflowId} and rev < ${save.state.rev}
        and (closed_at is null or status = ${save.state.status} or as_of < ${clock}::timestamptz) and ${unlessLost}
      returning reference, closed_at`,
    also,
  );

/** What records and runs have in common when they are saved. */
export const saveState = async (
  db: Database,
  {
    table,
    state,
    belongsTo,
    team,
    entries,
    by: { runId, at },
  }: Omit<Save, 'isOver'> & {
    /** Where the copy is kept, by its workflow. */
    table: 'record' | 'runbook_run';
    belongsTo: Reference;
  },
  row: (clock: string) => RawBuilder<unknown>,
  also?: RawBuilder<unknown>,
): Promise<number | undefined> => {
  const clock = new Date(at).toISOString();
  const lost = await writeTogether(
    db,
    [
      row(clock),
      savingTasks(state.tasks, team),
      notingRun(state.workflowId, runId, belongsTo),
      appending(boundTo(state, entries), sql`where ${unlessLost}`),
      also,
    ],
    sql<{ rev: number; has_ended: boolean }>`
      select rev, ended_by <> ${runId} is true as has_ended from ${sql.table(table)}
      where workflow_id = ${state.workflowId} and (ended_by <> ${runId}
        or (as_of < ${clock}::timestamptz and rev >= ${firstOf(state.rev, entries)}::bigint))`,
  );
  if (lost?.has_ended) throw new DomainError('conflict', `${state.workflowId} has ended in another run`);
  return lost?.rev;
};

/**
 * Holds where no other path was saved under these revisions, and none has ended the record. A worker may be lost after it saved and before Temporal heard
 * of it: its task is done anew, perhaps otherwise, and by a later clock.
 */
export const unlessLost = sql`not exists (select from lost)`;

/** The first revision that a save brings: each entry is one; higher than all there are when it brings none. */
const firstOf = (rev: number, { length }: readonly LedgerEntry[]): number =>
  length === 0 ? Number.MAX_SAFE_INTEGER : rev - length + 1;

/** The readable copy of tasks, which belong to the record or to one of its runs. */
const savingTasks = (tasks: readonly Task[], team: string): RawBuilder<unknown> | undefined => {
  if (tasks.length === 0) return undefined;
  const rows = tasks.map((task) => ({
    id: task.id,
    belongs_to: task.belongsTo,
    team: 'team' in task.assignee ? task.assignee.team : team,
    status: task.status,
    due_at: task.dueAt,
    opened_at: task.openedAt,
    record: task,
  }));
  return sql`
    insert into task (id, belongs_to, team, status, due_at, opened_at, record)
    select id, belongs_to, team, status, due_at, opened_at, record
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as t(id text, belongs_to text, team text, status text, due_at timestamptz, opened_at timestamptz, record jsonb)
    where ${unlessLost}
    on conflict (id) do update set status = excluded.status, due_at = excluded.due_at, record = excluded.record
      where task.status = 'open' and task.record->>'workflowId' = excluded.record->>'workflowId'`;
};

/** Remembers a run of a workflow, so that its history is archived before Temporal forgets it. */
const notingRun = (workflowId: string, runId: string, belongsTo: Reference): RawBuilder<unknown> =>
  sql`insert into workflow_run (workflow_id, run_id, belongs_to) values (${workflowId}, ${runId}, ${belongsTo}) on conflict do nothing`;

/** The columns of `record r` that a row is made of. */
export const recordColumns = sql.raw(
  'r.reference, r.workflow_id, r.team, r.status, r.rev, r.state, r.opened_at, r.updated_at, r.closed_at',
);
