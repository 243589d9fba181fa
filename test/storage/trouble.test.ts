import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { specs } from '../../domain/document.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { notifyOfTrouble } from '../../workers/trouble.ts';
import { arrival, morning, person } from '../support/builders.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
  const member = (name: string) => ({
    kind: 'Person' as const,
    name,
    labels: {},
    spec: specs.Person.parse({ name, email: `${name}@example.org` }),
  });
  const members = [
    { person: 'cid', role: 'operator' },
    { person: 'vic', role: 'viewer' },
  ];
  const shop = { kind: 'Team' as const, name: 'shop', labels: {}, spec: specs.Team.parse({ members }) };
  await stores.catalogue.apply([member('cid'), member('vic'), shop], person('ana'), morning, { base: 0, removed: [] });
});
afterAll(() => database.drop());

const mails = async (): Promise<string[]> => {
  const { rows } = await sql<{ payload: { to: string; subject: string } }>`
    select payload from outbox order by created_at, key`.execute(database.db);
  return rows.map(({ payload: { to, subject } }) => `${to}: ${subject}`);
};
const dead = (source: string) =>
  stores.inbox.accept(arrival(crypto.randomUUID(), { source, team: 'shop', deadBecause: 'no JSON' }));
const parkedAlerts = async (): Promise<void> => {
  const one = {
    source: 'am',
    dedupKey: crypto.randomUUID(),
    format: 'alertmanager',
    team: 'shop',
    bodyHash: 'x',
    alerts: 1,
  };
  await stores.alertInbox.accept({ ...one, body: Buffer.from('{}'), receivedAt: new Date().toISOString() });
  await sql`update alert_inbox set state = 'parked', reason = 'no such place'`.execute(database.db);
};
const gap = async (): Promise<void> => {
  const { id, fence } = await stores.inbox.accept(arrival(crypto.randomUUID(), { source: 'gh', team: 'shop' }), true);
  await stores.inbox.settle({ id, fence }, 'gap', { reason: 'no mapping fits' });
};

test('what led nowhere is told to those of the team who can mend it, once a day for each source and kind', async () => {
  await dead('gh');
  await dead('gh');
  await dead('ci');
  await gap();
  await parkedAlerts();

  await notifyOfTrouble(database.db, stores);
  await dead('gh');
  await notifyOfTrouble(database.db, stores);

  expect((await mails()).toSorted()).toEqual([
    'cid@example.org: am: a delivery failed again and again',
    'cid@example.org: ci: a delivery could not be read',
    'cid@example.org: gh: a delivery could not be read',
    'cid@example.org: gh: a delivery led to no plan, though it was meant for one',
  ]);
});

test('what led nowhere is counted', async () => {
  const counts = Object.fromEntries((await stores.inbox.troubled()).map(({ state, count }) => [state, count]));

  expect(counts).toEqual({ dead: 4, gap: 1, parked: 1 });
});
