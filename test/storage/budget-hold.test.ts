import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Wanted } from '../../domain/objective/wanted.ts';
import { createStores, type Stores } from '../../workers/ports.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let stores: Stores;
beforeAll(async () => {
  database = await createDatabase();
  stores = createStores(database.db);
});
afterAll(() => database.drop());

const place = { objective: 'checkout-availability', service: 'checkout', team: 'shop' };
const wanted = (spec: Partial<Wanted['spec']> = {}): Wanted => ({
  policy: 'budgets',
  rule: 0,
  spec: {
    scope: { services: [], objectives: [] },
    condition: { spentPercent: 100 },
    actions: ['require-review'],
    exceptions: [],
    override: { role: 'operator', expiry: '1h' },
    ...spec,
  },
  why: 'the budget is used',
});

test('a rule that says something else while it holds ends its hold and opens another one', async () => {
  let at = Date.UTC(2026, 9, 1);
  const settled = async (spec?: Partial<Wanted['spec']>) => {
    const turned = await stores.objectives.settleHolds(place, [wanted(spec)], (at += 60_000));
    return turned.map(({ hold, isOpened }) => [isOpened ? 'opened' : 'ended', hold.actions, hold.override.role]);
  };
  expect(await settled()).toEqual([['opened', ['require-review'], 'operator']]);
  expect(await settled()).toEqual([]);
  expect(await settled({ condition: { spentPercent: 90 } })).toEqual([]);
  expect(await settled({ actions: ['freeze'] })).toEqual([
    ['ended', ['require-review'], 'operator'],
    ['opened', ['freeze'], 'operator'],
  ]);
  const stricter = { actions: ['freeze' as const], override: { role: 'admin' as const, expiry: '1h' } };
  expect(await settled(stricter)).toEqual([
    ['ended', ['freeze'], 'operator'],
    ['opened', ['freeze'], 'admin'],
  ]);
  expect(await settled({ ...stricter, exceptions: ['security'] })).toHaveLength(2);
  expect(await stores.objectives.holdsOn('checkout')).toMatchObject([{ exceptions: ['security'] }]);
});
