import { sql } from 'kysely';
import { ScheduleNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRoutineScheduleStore } from '../../storage/routine-schedule.ts';
import { keepRoutineSchedules } from '../../workers/routine/schedule.ts';
import { type Ops, startOps } from '../support/ops.ts';
import { check, nightly } from '../support/routine.ts';

let ops: Ops;
const logged: unknown[] = [];
beforeAll(async () => {
  ops = await startOps({ templates: check, routines: { nightly } });
});
afterAll(() => ops.stop());
beforeEach(() => void logged.splice(0));

const keep = () =>
  keepRoutineSchedules(
    ops.client,
    ops.taskQueue,
    { ...ops.world, routineSchedules: createRoutineScheduleStore(ops.db) },
    { warn: (said: unknown) => void logged.push(said) },
  );
const schedule = () => ops.client.schedule.getHandle(`routine/${ops.taskQueue}/nightly`);
const mended = async (): Promise<unknown[]> => {
  const { rows } = await sql<{ was: string }>`
    select body::jsonb->'detail'->>'was' as was from ledger_entry
    where subject = 'routine/nightly' and action = 'routine.schedule-mended' order by id`.execute(ops.db);
  return rows.map(({ was }) => was);
};

test('a routine has a schedule in Temporal, which stays as it is while nobody touches it', async () => {
  await keep();
  await keep();
  const { spec, state, action } = await schedule().describe();
  expect(state.paused).toBe(false);
  expect(spec).toMatchObject({
    timezone: 'Europe/Berlin',
    calendars: [{ hour: [{ start: 2 }], minute: [{ start: 30 }] }],
  });
  expect(action).toMatchObject({ workflowType: 'openRoutineRuns', taskQueue: ops.taskQueue });
  expect([logged, await mended()]).toEqual([[], []]);
});

test('one that somebody has paused, changed or deleted there is mended, and said to be', async () => {
  await schedule().pause('quiet, please');
  await keep();
  expect((await schedule().describe()).state.paused).toBe(false);

  await schedule().update((before) => ({ ...before, spec: { cronExpressions: ['0 0 1 1 *'] } }));
  await keep();
  expect((await schedule().describe()).spec.timezone).toBe('Europe/Berlin');

  await schedule().delete();
  await keep();
  expect((await schedule().describe()).spec.timezone).toBe('Europe/Berlin');

  await keep();
  expect(await mended()).toEqual(['paused', 'changed', 'deleted']);
  expect(logged).toEqual(['paused', 'changed', 'deleted'].map((drift) => ({ routine: 'nightly', drift })));
});

test('one whose document changes or pauses is changed or paused, which nobody else did', async () => {
  const before = await mended();
  await ops.apply({ routines: { nightly: { ...nightly, cron: '15 4 * * *', zone: 'Europe/Lisbon' } } });
  await keep();
  expect((await schedule().describe()).spec).toMatchObject({ timezone: 'Europe/Lisbon' });
  await ops.apply({ routines: { nightly: { ...nightly, paused: true } } });
  await keep();
  expect((await schedule().describe()).state.paused).toBe(true);

  await schedule().unpause();
  await keep();
  expect((await schedule().describe()).state.paused).toBe(true);
  await ops.apply({ routines: { nightly } });
  await keep();
  expect((await schedule().describe()).state.paused).toBe(false);
  expect(await mended()).toEqual([...before, 'unpaused']);
});

test('one whose document is deleted is gone', async () => {
  const { status } = await ops.as('admin')('DELETE', '/v1/catalogue/Routine/nightly');
  expect(status).toBe(204);
  await expect
    .poll(
      async () =>
        keep()
          .then(() => schedule().describe())
          .catch((error: unknown) => error instanceof ScheduleNotFoundError),
      {
        timeout: 15_000,
      },
    )
    .toBe(true);
});
