import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { specs } from '../../domain/document.ts';
import { onCallAt } from '../../domain/on-call.ts';
import type { Override } from '../../domain/override.ts';
import { accept, ask, decline, withdraw } from '../../domain/override.rules.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { person } from '../support/builders.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let stores: Stores;
const at = '2026-03-02T08:00:00.000Z';
const spec = specs.Schedule.parse({
  zone: 'UTC',
  layers: [{ start: '2026-03-02T00:00', turn: { every: 1, unit: 'weeks' }, people: ['ana'] }],
});
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
  const rotas = ['rota', 'other'].map((name) => ({ kind: 'Schedule' as const, name, labels: {}, spec }));
  await stores.catalogue.apply(rotas, person('adm'), at);
});
afterAll(() => database.drop());

const time = { from: '2036-03-04T09:00:00Z', until: '2036-03-04T17:00:00Z' };
const asked = (more: Partial<Parameters<typeof ask>[2]> = {}): Promise<Override> =>
  stores.overrides.ask(
    ask(crypto.randomUUID(), 'rota', { ...time, person: 'ben', reason: 'a journey', ...more }, { by: 'ana', at }),
    {
      actor: person('ana'),
      at,
      reason: 'a journey',
      notify: { kind: 'email', to: 'ben@example.org', subject: 's', text: 't' },
    },
  );
const change = (id: string, rule: typeof accept, by: string): Promise<Override> =>
  stores.overrides.change(
    id,
    (override) => rule(override, { by, at }),
    () => ({ actor: person(by), at }),
  );
const entriesOf = async (id: string): Promise<string[]> => {
  const { rows } = await sql<{ action: string }>`
    select action from ledger_entry where subject = ${`override/${id}`} order by id`.execute(database.db);
  return rows.map(({ action }) => action);
};
const onCall = async (name = 'rota', instant = '2036-03-04T10:00Z'): Promise<string | undefined> =>
  onCallAt((await stores.schedules.find(name))!, Date.parse(instant));

test('what is accepted counts wherever the schedule is asked for, until it is withdrawn', async () => {
  const { id } = await asked();
  expect(await onCall()).toBe('ana');

  await change(id, accept, 'ben');
  expect(await onCall()).toBe('ben');
  expect(await onCall('other')).toBe('ana');
  expect((await stores.schedules.list()).map((listed) => [listed.name, listed.spec.overrides.length])).toEqual([
    ['other', 0],
    ['rota', 1],
  ]);
  const revision = await stores.catalogue.revision();
  expect((await stores.schedules.find('rota', revision))?.overrides).toHaveLength(1);

  await change(id, withdraw, 'ana');
  expect(await onCall()).toBe('ana');
  expect(await entriesOf(id)).toEqual(['override.asked', 'override.accepted', 'override.withdrawn']);
});

test('the last one that was accepted wins', async () => {
  const [first, second] = [await asked(), await asked({ person: 'cid' })];
  const later = '2026-03-02T09:00:00.000Z';
  await stores.overrides.change(
    first.id,
    (override) => accept(override, { by: 'ben', at: later }),
    () => ({ actor: person('ben'), at: later }),
  );
  await change(second.id, accept, 'cid');

  expect(await onCall()).toBe('ben');
  for (const { id } of [first, second]) await change(id, withdraw, 'ana');
});

test('the same ask again changes nothing, and a refusal writes nothing', async () => {
  const override = await asked();
  const again = await stores.overrides.ask(override, { actor: person('ana'), at });
  await expect(change(override.id, accept, 'ana')).rejects.toThrow('nobody else can answer');
  await expect(change(crypto.randomUUID(), accept, 'ben')).rejects.toThrow('there is no override');

  expect(again).toEqual(override);
  expect(await entriesOf(override.id)).toEqual(['override.asked']);
  expect((await change(override.id, decline, 'ben')).status).toBe('declined');
  expect((await stores.overrides.list('rota')).items.map(({ id }) => id)).toContain(override.id);
});

test('of many answers at once, one counts', async () => {
  const { id } = await asked();
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => change(id, index % 2 === 0 ? accept : decline, 'ben')),
  );

  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await entriesOf(id)).toHaveLength(2);
});

test('whoever is asked is notified', async () => {
  const { id } = await asked();
  const { rows } = await sql<{ belongsTo: string }>`
    select belongs_to from outbox where key = ${`override/${id}/asked/told`}`.execute(database.db);

  expect(rows).toEqual([{ belongsTo: `override/${id}` }]);
});

test('changes of who is on call are counted, whatever they come from', async () => {
  const before = await stores.schedules.changes('rota');
  const { id } = await asked();
  expect(await stores.schedules.changes('rota')).toEqual(before);
  await change(id, accept, 'ben');
  const accepted = await stores.schedules.changes('rota');
  await change(id, withdraw, 'ana');
  const withdrawn = await stores.schedules.changes('rota');

  expect([accepted.count - before.count, withdrawn.count - before.count]).toEqual([1, 2]);
  expect(await stores.schedules.changes('nobody')).toEqual({ count: 0, lastAt: 0 });
});

test('a calendar is found by its secret, which is not kept, until it is revoked', async () => {
  const feeds = stores.calendarFeeds;
  const id = crypto.randomUUID();
  const { feed, secret } = await feeds.create(id, { schedule: 'rota' }, 'ana', person('ana'), at);

  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  await expect(feeds.create(id, { person: 'ana' }, 'ana', person('ana'), at)).rejects.toThrow('made calendar');
  expect(await feeds.find(secret)).toEqual(feed);
  expect((await feeds.find(secret))?.lastUsedAt).not.toBeNull();
  expect(await feeds.find(id)).toBeUndefined();
  const { rows } = await sql`select * from calendar_feed`.execute(database.db);
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(await feeds.list('ben')).toEqual([]);
  expect((await feeds.list('ana')).map((each) => each.id)).toEqual([id]);

  expect(await feeds.revoke(id, 'ben', person('ben'), at)).toBeUndefined();
  expect((await feeds.revoke(id, 'ana', person('ana'), at))?.id).toBe(id);
  expect(await feeds.revoke(id, undefined, person('adm'), at)).toBeUndefined();
  expect(await feeds.find(secret)).toBeUndefined();
  expect(await feeds.list()).toEqual([]);
});
