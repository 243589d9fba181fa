import { expect, test } from 'vitest';
import type { Outage } from '../../domain/supplier/outage.ts';
import { scorecardOf } from '../../domain/supplier/scorecard.ts';
import { SupplierSpec } from '../../domain/supplier.ts';

const spec = SupplierSpec.parse({
  description: 'd',
  owner: 'shop',
  services: [{ service: 'checkout' }],
  environment: 'production',
  statusFeed: { format: 'statuspage', url: 'https://s.example' },
  sla: [
    {
      metric: 'availability',
      percent: 99.9,
      minOutage: '10m',
      credits: [
        { below: 99.9, percent: 10 },
        { below: 99, percent: 25 },
      ],
    },
    { metric: 'response', within: '30m' },
  ],
});
// 30 days are 43,200 minutes: 0.1 % of them are 43.2.
const month = { from: Date.parse('2026-04-01T00:00:00Z'), until: Date.parse('2026-05-01T00:00:00Z') };
const outage = (minutes: number, more: Partial<Outage> = {}): Outage => ({
  key: String(minutes),
  title: 't',
  impact: 'major',
  startedAt: '2026-04-10T10:00:00.000Z',
  endedAt: new Date(Date.parse('2026-04-10T10:00:00Z') + minutes * 60_000).toISOString(),
  ...more,
});
const availability = (...outages: Outage[]) => scorecardOf(spec, outages, month)[0];

test('an outage of 43 minutes is in the promise, one of 44 is not, and gives a credit', () => {
  expect(availability(outage(43))).toMatchObject({ verdict: 'met', credit: 0, theirs: 99.900463 });
  expect(availability(outage(44))).toMatchObject({ verdict: 'missed', credit: 10, theirs: 99.898148 });
});

test('the highest credit counts', () => {
  expect(availability(outage(600))).toMatchObject({ verdict: 'missed', credit: 25 });
});

test('an outage that is too short by their definition counts by ours, and a minor one in part', () => {
  expect(availability(outage(9))).toMatchObject({ theirs: 100, ours: 99.979167 });
  expect(availability(outage(100, { impact: 'minor' }))).toMatchObject({ theirs: 100, ours: 99.930556 });
});

test('two outages at once are one, and one that goes on counts until the end', () => {
  expect(availability(outage(44), outage(44, { key: 'b' }))).toMatchObject({ theirs: 99.898148 });
  expect(availability(outage(0, { startedAt: '2026-04-30T23:00:00.000Z', endedAt: undefined }))).toMatchObject({
    theirs: 99.861111,
  });
});

test('what was not watched is unknown, and not met', () => {
  const [line, response] = scorecardOf(spec, [], undefined);

  expect(line).toMatchObject({ verdict: 'unknown', theirs: null, why: 'its status feed was not watched then' });
  expect(response).toMatchObject({ metric: 'response', target: '30m', verdict: 'unknown' });
});
