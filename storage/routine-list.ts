import { type RawBuilder, sql } from 'kysely';
import type { LedgerEntry } from '../domain/audit.ts';
import type { RoutinePause } from '../domain/routine/ports.ts';
import type { RoutineRun } from '../domain/routine/run.ts';
import type { Success } from '../domain/routine/coverage.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';
import { is, isBehind, type Page } from './page.ts';
import { routineRunColumns, type RoutineRunRow, runOf } from './routine.ts';
import type { Drift } from './routine-schedule.ts';
import { type Listed, listed, readable } from './stored.ts';

/** What is known of a routine beside its document, and what became of its newest time. */
export interface RoutineStanding {
  name: string;
  paused: RoutinePause | null;
  drift: Drift | null;
  lastDueAt: string | null;
  lastStatus: RoutineRun['status'] | null;
}

const most = 1_000;

/** What people see and say of routines. */
export const createRoutineListing = (db: Database) => {
  const change = (name: string, set: RawBuilder<unknown>, where: RawBuilder<unknown>, entry: LedgerEntry) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql`update routine set ${set} where name = ${name} and ${where} returning name`.execute(
        tx,
      );
      if (rows[0]) await append(tx, entry);
      return rows.length > 0;
    });
  return {
    async standings(): Promise<Map<string, RoutineStanding>> {
      const { rows } = await sql<RoutineStanding>`
        select r.name, r.paused, r.drift, last.due_at as last_due_at, last.status as last_status
        from routine r left join lateral (
          select due_at, status from routine_run where routine = r.name and ordered_by is null
          order by due_at desc, id desc limit 1) last on true`.execute(db);
      return new Map(rows.map((row) => [row.name, row]));
    },
    /** False where it was paused already. */
    pause: (name: string, pause: RoutinePause, entry: LedgerEntry) =>
      change(name, sql`paused = ${JSON.stringify(pause)}::jsonb`, sql`paused is null`, entry),
    /** False where it was not paused. */
    resume: (name: string, entry: LedgerEntry) => change(name, sql`paused = null`, sql`paused is not null`, entry),
    /** What became of the times of a routine, the newest first. */
    async runs(
      routine: string,
      { status, after, limit }: Page & { status?: string | undefined },
    ): Promise<Listed<RoutineRun>> {
      const { rows } = await sql<RoutineRunRow>`
        select ${routineRunColumns} from routine_run
        where routine = ${routine} and ${is('status', status)} and ${isBehind(after, sql`due_at`, sql`id::text`)}
        order by due_at desc, id::text desc limit ${limit}`.execute(db);
      return listed(rows, limit, runOf, ({ dueAt: at, id }) => ({ at, id }));
    },
    /** The runs of what somebody has ordered, as it was accepted. */
    async runsOrdered(accepted: string): Promise<RoutineRun[]> {
      const { rows } = await sql<RoutineRunRow>`
        select ${routineRunColumns} from routine_run where ordered = ${accepted}
        order by service, environment limit ${most}`.execute(db);
      return readable(rows, runOf);
    },
    /** The last success of each kind for each of these services. */
    async successes(services: readonly string[]): Promise<Success[]> {
      const { rows } = await sql<Success>`
        select service, kind, max(ended_at) as at from routine_run
        where status = 'completed' and service = any(${services}::text[]) group by service, kind`.execute(db);
      return rows;
    },
  };
};
