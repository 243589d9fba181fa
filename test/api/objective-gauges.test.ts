import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Wanted } from '../../domain/objective/wanted.ts';
import type { ObjectiveState } from '../../domain/objective/state.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

let objective: string;
beforeEach(() => {
  objective = `objective-${randomUUID()}`;
});

const minute = 60_000;
const before = (ms: number): string => new Date(Date.now() - ms).toISOString();
const place = () => ({ objective, service: 'checkout', team: 'shop' });

const stands = (more: Partial<ObjectiveState> = {}): Promise<boolean> =>
  ops.stores.objectives.settle(
    place(),
    {
      name: objective,
      slo: objective,
      title: 'A title of its own',
      service: 'checkout',
      team: 'shop',
      target: 0.99,
      method: 'Occurrences',
      series: objective,
      slotMs: minute,
      window: { from: before(240 * minute), until: before(0) },
      asOf: before(0),
      lastDataAt: before(10 * minute),
      good: 985,
      total: 1000,
      bad: 15,
      allowed: 10,
      used: 1.5,
      unmeasured: 0,
      empty: 0,
      burnRates: [{ window: '1h', burnRate: 2.5 }, { window: '5m' }],
      ...more,
    },
    [],
    Date.now(),
  );

const frozen: Wanted = {
  policy: 'budgets',
  rule: 0,
  spec: {
    scope: { services: [], objectives: [] },
    condition: { spentPercent: 100 },
    actions: ['freeze'],
    exceptions: [],
    override: { role: 'operator', expiry: '1h' },
  },
  why: 'A secret reason',
};
const holds = async (wanted: Wanted[]) => (await ops.stores.objectives.settleHolds(place(), wanted, Date.now()))[0]!;

const metrics = async (): Promise<string> => {
  const reply = await fetch(`${ops.url}/metrics`, { headers: { authorization: `Bearer ${await ops.token('vic')}` } });
  return reply.text();
};
/** What the gauges say of the objective of the story, by name and window. */
const gauges = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    [...(await metrics()).matchAll(/^evenkeel_objective_(\w+)\{(.*)\} (\S+)$/gm)]
      .filter(([, , labels]) => labels!.startsWith(`objective="${objective}",service="checkout"`))
      .map(([, name, labels, value]) => [`${name}${/,window="(\w+)"/.exec(labels!)?.[1] ?? ''}`, Number(value)]),
  );

test('gauges say what is used of a budget, how fast it burns, how old the data is and that nothing is held up', async () => {
  await stands();

  const said = await gauges();

  expect(Object.keys(said).toSorted()).toEqual(['budget_used_ratio', 'burn_rate1h', 'data_age_seconds', 'holding']);
  expect(said).toMatchObject({ budget_used_ratio: 1.5, burn_rate1h: 2.5, holding: 0 });
  expect(said['data_age_seconds']).toBeCloseTo(600, -1);
});

test('gauges say nothing of a budget where there was no data, and for how long there has been none', async () => {
  await stands({ used: undefined, lastDataAt: undefined, burnRates: [] });

  const said = await gauges();

  expect(Object.keys(said).toSorted()).toEqual(['data_age_seconds', 'holding']);
  expect(said['data_age_seconds']).toBeCloseTo(240 * 60, -1);
});

test('gauges say that a budget holds something up, until somebody overrides it or it ends', async () => {
  await stands();
  const { hold } = await holds([frozen]);
  const held = async (): Promise<number | undefined> => (await gauges())['holding'];
  expect(await held()).toBe(1);

  const override = async (forHowLong: string): Promise<number> =>
    (await ops.as('cid')('POST', `/v1/budget-holds/${hold.id}/override`, { reason: 'sale', for: forHowLong })).status;
  expect(await override('1s')).toBe(200);
  expect(await held()).toBe(0);
  await expect.poll(held, { timeout: 5_000 }).toBe(1);
  await holds([]);
  expect(await held()).toBe(0);
});

test('gauges name the objective and its service, and nothing else of them', async () => {
  await stands();
  await holds([frozen]);

  const text = await metrics();

  expect(text).toContain(`evenkeel_objective_holding{objective="${objective}",service="checkout"} 1`);
  expect(text).not.toMatch(/A title of its own|A secret reason|"budgets"/);
});

test('gauges are gone once the objective is', async () => {
  await stands();
  expect(await gauges()).not.toEqual({});

  await ops.stores.objectives.settle(place(), undefined, [], Date.now());

  expect(await gauges()).toEqual({});
});
