import { sql } from 'kysely';
import type { LedgerEntry } from '../domain/audit.ts';
import type { Ending, RoutinePause, RoutineStore } from '../domain/routine/ports.ts';
import { RoutineRun } from '../domain/routine/run.ts';
import type { Database } from './database.ts';
import type { InboxStore } from './inbox.ts';
import { append } from './ledger.ts';
import { readable, readStored } from './stored.ts';

export type RoutineRunRow = Omit<RoutineRun, 'orderedBy'> & { orderedBy: unknown };

const most = 200;
export const routineRunColumns = sql.raw(
  'id, routine, team, kind, due_at, opens_at, service, environment, status, why, plan, ordered_by, ended_at',
);

export const runOf = (row: RoutineRunRow): RoutineRun => readStored(RoutineRun, row, `routine run ${row.id}`);

/** Routines in PostgreSQL: until when their times are settled, and what became of each. */
export const createRoutineStore = (db: Database, inbox: Pick<InboxStore, 'acceptWithin'>): RoutineStore => ({
  async state(name, at) {
    await sql`
      insert into routine (name, settled_until)
      select ${name}, least(${at}::timestamptz, coalesce(min(r.applied_at), ${at}::timestamptz))
      from document d join revision r on r.number = d.revision
      where d.kind = 'Routine' and d.name = ${name} and d.revision > (
        select coalesce(max(revision), 0) from document where kind = 'Routine' and name = ${name} and is_deleted)
      on conflict do nothing`.execute(db);
    const { rows } = await sql<{ settledUntil: string; paused: RoutinePause | null }>`
      select settled_until, paused from routine where name = ${name}`.execute(db);
    return rows[0]!;
  },
  async forget(name) {
    await sql`delete from routine where name = ${name}`.execute(db);
  },
  async known() {
    const { rows } = await sql<{ name: string }>`select name from routine order by name`.execute(db);
    return rows.map(({ name }) => name);
  },
  settle: (name, { after, until }, runs, entries) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        update routine set settled_until = ${until} where name = ${name} and settled_until = ${after} returning name`.execute(
        tx,
      );
      if (!rows[0]) return false;
      await insert(tx, runs, null);
      await append(tx, entries);
      return true;
    }),
  handOver: (name, at, arrivalOf) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<RoutineRunRow>`
        update routine_run set is_handed = true where id in (
          select id from routine_run
          where routine = ${name} and status = 'due' and not is_handed and opens_at <= ${at}
          order by opens_at limit ${most} for update skip locked)
        returning ${routineRunColumns}`.execute(tx);
      for (const run of readable(rows, runOf)) await inbox.acceptWithin(tx, arrivalOf(run));
      const next = await sql<{ inMs: number | null }>`
        select (extract(epoch from min(opens_at) - ${at}::timestamptz) * 1000)::float8 as in_ms from routine_run
        where routine = ${name} and status = 'due' and not is_handed`.execute(tx);
      const inMs = next.rows[0]?.inMs ?? undefined;
      return inMs === undefined ? undefined : Math.max(0, inMs);
    }),
  async find(id) {
    const { rows } = await sql<RoutineRunRow & { isNewest: boolean }>`
      select ${routineRunColumns}, not exists (
        select from routine_run newer
        where newer.routine = run.routine and newer.due_at > run.due_at and newer.ordered_by is null
          and newer.service is not distinct from run.service and newer.environment is not distinct from run.environment) as is_newest
      from routine_run run where id = ${id}`.execute(db);
    return rows[0] && { ...runOf(rows[0]), isNewest: rows[0].isNewest };
  },
  order: (runs, accepted, entry) =>
    db.transaction().execute(async (tx) => {
      await insert(tx, runs, accepted);
      await append(tx, entry);
    }),
  async opened(id, plan) {
    await sql`
      update routine_run set status = 'opened', plan = ${plan} where id = ${id} and status = 'due'`.execute(db);
  },
  end: (id, { status, why, at }: Ending, entry: LedgerEntry) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        update routine_run set status = ${status}, why = ${why}, ended_at = ${at}, is_told = false
        where id = ${id} and status = 'due' returning id`.execute(tx);
      if (rows[0]) await append(tx, entry);
    }),
  concludeEnded: (at, entryOf) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<RoutineRunRow>`
        with ended as (
          select run.id, r.status from routine_run run join operation_plan p on p.id = run.plan join record r using (reference)
          where run.status = 'opened' and r.closed_at is not null limit ${most})
        update routine_run run set ended_at = ${at}, is_told = false,
          status = case ended.status when 'completed' then 'completed' else 'failed' end,
          why = case ended.status when 'completed' then null when 'failed' then 'its plan failed' else 'its plan was ' || ended.status end
        from ended where ended.id = run.id and run.status = 'opened'
        returning ${sql.raw(
          'run.id, run.routine, run.team, run.kind, run.due_at, run.opens_at, run.service, run.environment, run.status, run.why, run.plan, run.ordered_by, run.ended_at',
        )}`.execute(tx);
      await append(tx, readable(rows, runOf).map(entryOf));
      return rows.length;
    }),
  async untold(lateBefore) {
    const { rows } = await sql<RoutineRunRow>`
      select ${routineRunColumns} from routine_run
      where not is_told and (status in ('failed', 'skipped', 'missed') or (status = 'due' and opens_at < ${lateBefore}))
      order by routine, due_at, id limit ${most}`.execute(db);
    return readable(rows, runOf);
  },
  async told(runs) {
    await sql`
      update routine_run run set is_told = true
      from jsonb_to_recordset(${JSON.stringify(runs)}::jsonb) as t(id uuid, status text)
      where run.id = t.id and run.status = t.status`.execute(db);
  },
});

/** Each once, whoever writes it. */
const insert = async (tx: Database, runs: readonly RoutineRun[], ordered: string | null): Promise<void> => {
  if (runs.length === 0) return;
  await sql`
    insert into routine_run (id, routine, team, kind, due_at, opens_at, service, environment, status, why, ordered_by, ordered, ended_at, is_handed)
    select id, routine, team, kind, "dueAt", "opensAt", service, environment, status, why, "orderedBy", ${ordered}::uuid, "endedAt", ${ordered !== null}
    from jsonb_to_recordset(${JSON.stringify(runs)}::jsonb) as t(id uuid, routine text, team text, kind text, "dueAt" timestamptz,
      "opensAt" timestamptz, service text, environment text, status text, why text, "orderedBy" jsonb, "endedAt" timestamptz)
    on conflict (id) do nothing`.execute(tx);
};
