import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepRoutines } from '../../activities/routine/sweep.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { company } from '../support/company.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { check, clocksChange, nightly, runsOfRoutine } from '../support/routine.ts';

let database: TestDatabase;
let stores: Stores;
const day = 86_400_000;
const minute = 60_000;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
  const documents = company({ target: 'http://a', templates: check, routines: { nightly } });
  await stores.catalogue.apply(documents, { type: 'system', name: 'story' }, new Date().toISOString());
});
afterAll(() => database.drop());

test('in a year of nights each has one run, which is handed over once, whatever the clocks do', async () => {
  // The noon after the catalogue has it.
  const start = Math.ceil(Date.now() / day) * day + day / 2;
  const nights = 365;
  for (let night = 0; night < nights; night += 1) {
    const morning = start + night * day;
    // Somebody looks around the times at which it may be due, and now and then two at once.
    for (const at of [0.5, 1.5].map((hour) => morning + day / 2 + hour * 3_600_000)) {
      const looks = night % 7 === 0 ? 2 : 1;
      await Promise.all(Array.from({ length: looks }, () => sweepRoutines(stores, at + minute)));
    }
  }

  const runs = (await runsOfRoutine(database, 'nightly')).filter(({ dueAt }) => Date.parse(dueAt) > start);
  const dates = runs.map(({ dueAt }) => new Date(dueAt).toLocaleDateString('sv', { timeZone: 'Europe/Berlin' }));
  expect(new Set(dates).size).toBe(nights);
  expect(runs).toHaveLength(nights);
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['due']));
  const timeOn = (night: number): string | undefined =>
    runs.find(({ dueAt }) => dueAt.startsWith(new Date(night).toISOString().slice(0, 10)))?.dueAt.slice(11, 16);
  const [spring, autumn] = [clocksChange(2, start), clocksChange(9, start)];
  expect([spring - day, spring, spring + day].map(timeOn)).toEqual(['01:30', '01:30', '00:30']);
  expect([autumn - day, autumn, autumn + day].map(timeOn)).toEqual(['00:30', '00:30', '01:30']);
  const { rows } = await sql<{ count: number }>`
    select count(distinct dedup_key)::int as count from inbox where source = 'routine/nightly'`.execute(database.db);
  expect(rows[0]!.count).toBe((await runsOfRoutine(database, 'nightly')).length);
}, 240_000);

test('what became of a time is never changed or removed', async () => {
  const [run] = await runsOfRoutine(database, 'nightly');
  const entry = {
    key: 'story',
    at: run!.dueAt,
    actor: { type: 'system', name: 'story' },
    action: 'routine.missed',
    subject: 'routine/nightly',
  } as const;
  await stores.routines.end(run!.id, { status: 'missed', why: 'as the story wants it', at: run!.dueAt }, entry);
  await stores.routines.end(run!.id, { status: 'failed', why: 'another', at: run!.dueAt }, { ...entry, key: 'other' });
  await stores.routines.opened(run!.id, 'some-plan');
  expect(await stores.routines.find(run!.id)).toMatchObject({ status: 'missed', plan: null });
  const changed = sql`update routine_run set status = 'completed' where id = ${run!.id}`.execute(database.db);
  await expect(changed).rejects.toThrow('what was recorded is not changed');
  const removed = sql`delete from routine_run where id = ${run!.id}`.execute(database.db);
  await expect(removed).rejects.toThrow('what was recorded is not changed');
});

test('a routine that comes back after it was deleted owes nothing for the time between', async () => {
  const by = { type: 'system', name: 'story' } as const;
  const document = company({ target: 'http://a', templates: check, routines: { nightly } }).find(
    ({ kind }) => kind === 'Routine',
  )!;
  const before = await runsOfRoutine(database, 'nightly');
  await stores.catalogue.apply([], by, new Date().toISOString(), { removed: [{ kind: 'Routine', name: 'nightly' }] });
  const later = Date.parse(before.at(-1)!.dueAt) + 10 * day;
  await sweepRoutines(stores, later);
  await stores.catalogue.apply([document], by, new Date().toISOString());
  await sql`update revision set applied_at = ${new Date(later).toISOString()}`.execute(database.db);
  await sweepRoutines(stores, later + minute);
  const { settledUntil } = await stores.routines.state('nightly', new Date(later).toISOString());
  expect(settledUntil).toBe(new Date(later + minute).toISOString());
  expect(await runsOfRoutine(database, 'nightly')).toEqual(
    before.map((run) => ({ ...run, isTold: expect.anything() })),
  );
});

test('a routine that cannot be read keeps no other from its time', async () => {
  const by = { type: 'system', name: 'story' } as const;
  const documents = company({ target: 'http://a', templates: check, routines: { broken: nightly, sound: nightly } });
  await stores.catalogue.apply(documents, by, new Date().toISOString());
  await sql`update document set spec = '{"cron":"none of these"}' where kind = 'Routine' and name = 'broken'`.execute(
    database.db,
  );
  const swept = sweepRoutines(createStores(database.db), Date.now() + 2 * day);
  await expect(swept).rejects.toThrow('1 routines cannot be looked at');
  expect((await runsOfRoutine(database, 'sound')).length).toBeGreaterThan(0);
  expect(await runsOfRoutine(database, 'broken')).toEqual([]);
});
