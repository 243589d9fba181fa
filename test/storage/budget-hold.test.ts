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

test('an SLO that is given to another service, or whose service is, holds that one up and its former one no longer', async () => {
  const at = Date.UTC(2026, 9, 2);
  const given = { objective: 'availability', service: 'catalog', team: 'shop' };
  const heldUp = async () => {
    const holds = await Promise.all(['catalog', 'ledger'].map((service) => stores.objectives.holdsOn(service)));
    return holds.flat().map(({ service, team }) => [service, team]);
  };
  await stores.objectives.settleHolds(given, [wanted()], at);
  expect(await heldUp()).toEqual([['catalog', 'shop']]);

  await stores.objectives.settleHolds({ ...given, service: 'ledger', team: 'bank' }, [wanted()], at + 60_000);
  expect(await heldUp()).toEqual([['ledger', 'bank']]);

  await stores.objectives.settleHolds({ ...given, service: 'ledger', team: 'vault' }, [wanted()], at + 120_000);
  expect(await heldUp()).toEqual([['ledger', 'vault']]);
});
