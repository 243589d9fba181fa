import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Document, specs } from '../../domain/document.ts';
import { type CatalogueStorage, createCatalogueStore } from '../../storage/catalogue.ts';
import { migrate } from '../../storage/migrate.ts';
import { morning, person } from '../support/builders.ts';
import { createDatabase, patiently, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let catalogue: CatalogueStorage;
beforeEach(async () => {
  database = await createDatabase();
  catalogue = createCatalogueStore(database.db);
});
afterEach(() => database.drop());

const runbook = (...steps: string[]): Document<'Runbook'> => ({
  kind: 'Runbook',
  name: 'release',
  labels: {},
  spec: specs.Runbook.parse({
    steps: steps.map((name) => ({ name, kind: 'http', url: 'https://example.org' })),
  }),
});
const apply = (...documents: Document[]) => catalogue.apply(documents, person('ana'), morning);
const stepsAt = async (revision?: number): Promise<string[] | undefined> =>
  (await catalogue.find('Runbook', 'release', revision))?.steps.map(({ name }) => name);

test('work that has begun reads the catalogue of its beginning', async () => {
  const { revision } = await apply(runbook('drain', 'switch'));
  await apply(runbook('switch'));

  expect(await stepsAt(revision)).toEqual(['drain', 'switch']);
  expect(await stepsAt()).toEqual(['switch']);
});

test('a revision that was asked for before its time is read when it is there', async () => {
  await apply(runbook('drain'));
  expect(await stepsAt(2)).toEqual(['drain']);

  await apply(runbook('switch'));

  expect(await stepsAt(2)).toEqual(['switch']);
  expect(await stepsAt(1)).toEqual(['drain']);
});

test('what would not be taken today is read as it was applied, and holds up nothing else', async () => {
  const spec = { zone: 'Mars/Olympus', opens: 'never', lasts: '1h' } as never;
  await apply(runbook('drain'), { kind: 'MaintenanceWindow', name: 'odd', labels: {}, spec });

  expect(await catalogue.list('MaintenanceWindow')).toMatchObject([{ name: 'odd', spec }]);
  expect(await catalogue.find('MaintenanceWindow', 'odd', 1)).toEqual(spec);
  expect(await apply(runbook('switch'))).toMatchObject({ revision: 2, changed: ['Runbook/release'] });
});

test('applying what is there already makes no revision and no entry', async () => {
  await apply(runbook('switch'));

  expect(await apply(runbook('switch'))).toEqual({ revision: 1, changed: [] });
  const { rows } = await sql`select 1 from ledger_entry where action = 'catalogue.applied'`.execute(database.db);
  expect(rows).toHaveLength(1);
});

test('only what differs is part of a revision', async () => {
  const person1: Document<'Person'> = {
    kind: 'Person',
    name: 'ana',
    labels: {},
    spec: specs.Person.parse({ name: 'Ana', email: 'ana@example.org' }),
  };
  await apply(person1, runbook('switch'));

  expect(await apply(person1, runbook('drain'))).toEqual({ revision: 2, changed: ['Runbook/release'] });
  expect((await catalogue.all()).map(({ kind, revision }) => [kind, revision])).toEqual([
    ['Person', 1],
    ['Runbook', 2],
  ]);
});

test('those who apply at once make one revision after the other', async () => {
  const applied = await Promise.all(
    Array.from({ length: 10 }, (_, index) => patiently(() => apply(runbook(`step-${index}`)))),
  );

  expect(applied.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(await catalogue.revision()).toBe(10);
});

test('an empty database is migrated once, by any number of processes at once', async () => {
  await sql`drop schema public cascade; create schema public`.execute(database.db);

  const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)));

  const [files, ...others] = applied.filter((names) => names.length > 0);
  expect(files?.[0]).toMatch(/^0001_\w+\.sql$/);
  expect(others).toEqual([]);
});

test('migrations that were applied are not applied again, by any number of processes at once', async () => {
  expect(await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)))).toEqual([[], [], [], [], []]);
});

test('a migration that was changed after it was applied is named', async () => {
  await sql`update kysely_migration set name = name || 'x' where name like '0001%'`.execute(database.db);

  await expect(migrate(database.url)).rejects.toThrow(
    /made by another version of Evenkeel.*previously executed migration 0001_\w+\.sql .* is missing/,
  );
});

test('a document that was deleted is there for whoever began before, and may come again', async () => {
  await apply(runbook('drain'));
  await apply(runbook('switch'));
  const removed = [{ kind: 'Runbook', name: 'release' }] as const;

  expect(await catalogue.apply([], person('ana'), morning, { removed })).toEqual({
    revision: 3,
    changed: ['Runbook/release'],
  });

  expect(await Promise.all([1, 2, 3, undefined].map(stepsAt))).toEqual([['drain'], ['switch'], undefined, undefined]);
  expect(await catalogue.list('Runbook')).toEqual([]);
  expect(await catalogue.all()).toEqual([]);
  expect(await catalogue.all(2)).toMatchObject([{ name: 'release' }]);
  expect(await catalogue.apply([], person('ana'), morning, { removed })).toEqual({ revision: 3, changed: [] });
  expect(await apply(runbook('switch'))).toEqual({ revision: 4, changed: ['Runbook/release'] });
  const { rows } = await sql<{ detail: unknown }>`
    select body::jsonb->'detail' as detail from ledger_entry where key = 'catalogue/3'`.execute(database.db);
  expect(rows).toEqual([{ detail: { changed: [], deleted: [{ kind: 'Runbook', name: 'release' }] } }]);
});
