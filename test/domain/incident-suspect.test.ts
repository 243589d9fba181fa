import { expect, test } from 'vitest';
import { type Change, suspectsOf } from '../../domain/incident/suspect.ts';

const minute = 60_000;
const impactAt = Date.UTC(2026, 10, 28, 12);
const dependencies = new Map([
  ['checkout', ['payments']],
  ['payments', ['bank']],
  ['bank', ['checkout', 'mainframe']],
]);
const change = (id: string, minutesBefore: number, more: Partial<Change> = {}): Change => ({
  id,
  kind: 'plan',
  summary: id,
  service: 'checkout',
  startedAt: impactAt - (minutesBefore + 5) * minute,
  endedAt: impactAt - minutesBefore * minute,
  risk: 0.5,
  changes: 0,
  failures: 0,
  ...more,
});
const suspects = (...changes: Change[]) => suspectsOf({ service: 'checkout', impactAt }, changes, dependencies);

test("the handbook's example: a deployment of ten minutes ago is ahead of a setting of three hours ago", () => {
  // 0.06 = (failures + 1)/(changes + 20) and 0.02 likewise.
  const deployment = change('c1', 10, { changes: 30, failures: 2 });
  const setting = change('c2', 180, { service: 'payments', risk: 0.2, changes: 30, failures: 0 });

  const [first, second] = suspects(setting, deployment);

  expect([first?.id, first?.hops, second?.id, second?.hops]).toEqual(['c1', 0, 'c2', 1]);
  expect(first?.score).toBeCloseTo(0.80145, 5);
  expect(second?.score).toBeCloseTo(0.2345, 5);
});

test.each([
  ['one that runs still is as near as can be', change('c', 0, { endedAt: undefined }), 0],
  ['one that seems to end after the impact has just ended', change('c', -1), 0],
])('%s', (_, one, minutesBefore) => {
  expect(suspects(one).map((found) => found.minutesBefore)).toEqual([minutesBefore]);
});

test.each([
  ['began after the impact', change('c', -10)],
  ['was more than a day before', change('c', 25 * 60)],
  ['is of a service that is three steps away', change('c', 1, { service: 'mainframe' })],
  ['is of a service that ours does not depend on', change('c', 1, { service: 'other' })],
])('a change that %s is none', (_, one) => {
  expect(suspects(one)).toEqual([]);
});

test('services that depend on each other in a circle are looked at once', () => {
  expect(suspects(change('c', 1, { service: 'bank' })).map(({ hops }) => hops)).toEqual([2]);
});
