import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signalReference } from '../../domain/identifiers.ts';
import type { Condition } from '../../domain/improvement-signal.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
});
afterAll(() => database.drop());

const [monday, tuesday] = ['2026-03-02T09:00:00.000Z', '2026-03-03T09:00:00.000Z'];

const condition = (cluster: string, more: Partial<Condition> = {}) => ({
  condition: {
    kind: 'toil',
    service: 'checkout',
    cluster,
    targetStages: ['build'],
    severity: 'low',
    action: 'Automate it',
    why: 'done by hand 5 times',
    evidence: ['plan/a'],
    ...more,
  } satisfies Condition,
  team: 'shop',
});
const raised = async (cluster: string) =>
  (await stores.signals.list({ teams: undefined, after: undefined, limit: 100 })).items.filter(
    (signal) => signal.cluster === cluster,
  );

test('what two reports find is raised once, and stands on what the later one saw', async () => {
  await stores.signals.raise([condition('restart'), condition('cleanup')], monday);
  await stores.signals.raise([condition('restart', { why: 'done by hand 9 times' })], tuesday);

  expect(await raised('restart')).toMatchObject([
    { status: 'open', raisedAt: monday, seenAt: tuesday, why: 'done by hand 9 times' },
  ]);
  expect(await raised('cleanup')).toMatchObject([{ raisedAt: monday, seenAt: monday }]);
});

test('reports that find the same at once raise one signal, and one entry of the ledger', async () => {
  await Promise.all([monday, tuesday].map((at) => stores.signals.raise([condition('rotation')], at)));

  const [signal, ...others] = await raised('rotation');
  expect(others).toEqual([]);
  const { rows } = await sql`
    select from ledger_entry where action = 'signal.raised' and subject = ${signalReference(signal!.id)}`.execute(
    database.db,
  );
  expect(rows).toHaveLength(1);
});

test('a signal that nobody can read keeps no other from being raised', async () => {
  await stores.signals.raise([condition('broken')], monday);
  await sql`update improvement_signal set record = '{}' where cluster = 'broken'`.execute(database.db);

  await stores.signals.raise([condition('broken'), condition('whole')], tuesday);

  expect(await raised('whole')).toHaveLength(1);
});
