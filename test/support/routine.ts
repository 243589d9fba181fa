import type { z } from 'zod';
import { sql } from 'kysely';
import { sweepRoutines } from '../../activities/routine/sweep.ts';
import type { RoutineRun } from '../../domain/routine/run.ts';
import type { RoutineSpec } from '../../domain/routine.ts';
import type { Circumstances } from './company.ts';
import type { Ops } from './ops.ts';

/** Each night at half past two in Berlin, for checkout in production. */
export const nightly: z.input<typeof RoutineSpec> = {
  description: 'The backup of last night can be read',
  owner: 'shop',
  kind: 'backup-verification',
  cron: '30 2 * * *',
  zone: 'Europe/Berlin',
  template: 'check',
  services: { names: ['checkout'] },
  environments: ['production'],
};

/** A plan that nobody is asked for: one step at the target. */
export const check: NonNullable<Circumstances['templates']> = {
  check: { checklists: {}, activities: [{ name: 'work', runbook: 'work' }] },
};

/** Everything that ever became of a routine, by time. */
export const runsOfRoutine = async ({ db }: Pick<Ops, 'db'>, routine: string): Promise<RoutineRun[]> => {
  const { rows } = await sql<RoutineRun>`
    select * from routine_run where routine = ${routine} order by due_at, service, environment`.execute(db);
  return rows;
};

/** It is then; whoever looks at routines every minute does so now. */
export const sweptAt = async (ops: Ops, at: number): Promise<void> => {
  ops.setClock(at);
  await sweepRoutines(ops.world, at);
};

const minute = 60_000;

/** The night in which the clocks of Europe change next, behind an instant: the last Sunday of March or October, at one o'clock UTC. */
export const clocksChange = (month: 2 | 9, after: number): number => {
  const year = new Date(after).getUTCFullYear();
  const [found] = [year, year + 1]
    .map((each) => {
      const last = new Date(Date.UTC(each, month + 1, 0, 1));
      return last.getTime() - last.getUTCDay() * 86_400_000;
    })
    .filter((at) => at > after + 2 * 86_400_000);
  return found!;
};

export const soonAfter = (at: number): number => at + minute;
