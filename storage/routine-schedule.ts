import { sql } from 'kysely';
import type { LedgerEntry } from '../domain/audit.ts';
import type { Database } from './database.ts';
import { append } from './ledger.ts';

/** A schedule in Temporal as it was left there. */
export interface KeptSchedule {
  /** What it was made of. */
  version: string;
  /** What it looked like then: Temporal writes it in its own way. */
  looks: string;
  isPaused: boolean;
}

/** What somebody had done to a schedule in Temporal, which was mended. */
export interface Drift {
  what: 'changed' | 'deleted' | 'paused' | 'unpaused';
  foundAt: string;
}

/** What is known of the schedules of routines, to see what others do to them. */
export const createRoutineScheduleStore = (db: Database) => ({
  async scheduleOf(name: string): Promise<KeptSchedule | undefined> {
    const { rows } = await sql<{ schedule: KeptSchedule | null }>`
      select schedule from routine where name = ${name}`.execute(db);
    return rows[0]?.schedule ?? undefined;
  },
  async keepSchedule(name: string, kept: KeptSchedule, found?: { drift: Drift; entry: LedgerEntry }): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await sql`
        update routine set schedule = ${JSON.stringify(kept)}::jsonb,
          drift = coalesce(${found ? JSON.stringify(found.drift) : null}::jsonb, drift)
        where name = ${name}`.execute(tx);
      if (found) await append(tx, found.entry);
    });
  },
});

export type RoutineScheduleStore = ReturnType<typeof createRoutineScheduleStore>;
