import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const record = {
  id: '019a0000-0000-7000-8000-000000000001',
  metric: 'mttr-restore',
  version: 1,
  unit: 'minutes',
  scope: { service: 'checkout' },
  period: { from: '2026-10-01T00:00:00.000Z', until: '2026-11-01T00:00:00.000Z' },
  revision: 2,
  computedAt: '2026-11-02T00:00:00.000Z',
  figures: {
    value: 82,
    numerator: 328,
    denominator: 4,
    n: 4,
    missing: 1,
    interval: { low: 20, high: 190, method: 'bootstrap' },
    summary: { mean: 82, median: null, p90: null, geometricMean: 41.195, percentiles: 'R-7' },
    values: [50, 30, 240, 8],
    open: { n: 1, median: 50 },
    policy: 'as \u001B[31mit is',
  },
  leftOut: [{ why: 'drill', n: 2 }],
  sources: [{ name: 'incidents', freshAt: null }],
  hash: 'abc',
};

test('a metric is shown with all that it stands on', async () => {
  const api = await startFakeApi({ 'GET /v1/metrics/mttr-restore?service=checkout&period=2026-10': { body: record } });
  const { out } = await evenkeel(
    api.url,
    'metrics',
    'show',
    'mttr-restore',
    '--service',
    'checkout',
    '--period',
    '2026-10',
  );

  expect(out).toContain('mttr-restore of service checkout, 2026-10: 82 min\n');
  for (const text of [
    '4 (1 missing)',
    '20 min to 3.2 h (bootstrap)',
    '50 min, 30 min, 4 h, 8 min',
    '41.2 min',
    '1; median with them 50 min',
    '2 drill',
    'revision 2',
  ])
    expect(out).toContain(text);
  expect(out).not.toContain('\u001B[31m');
});

test('all metrics are one table, of which each says why it has no value', async () => {
  const none = { ...record, metric: 'mttd', figures: { value: null, why: 'there was no case', n: 0, missing: 0 } };
  const api = await startFakeApi({ 'GET /v1/performance-records?team=shop': { body: { items: [record, none] } } });
  const { out } = await evenkeel(api.url, 'metrics', 'show', '--team', 'shop');

  expect(out.split('\n')[0]).toBe('service checkout, 2026-10');
  expect(out).toMatch(/mttd +- +0 +there was no case/);
});

test('inputs are listed, to compute a metric again by hand', async () => {
  const items = [{ id: 'incident/4', value: 12.5, class: 'person' }];
  const body = { items, hash: 'abc', figures: record.figures };
  const api = await startFakeApi({ 'GET /v1/metrics/mttd/inputs?service=checkout': { body } });
  const { out } = await evenkeel(api.url, 'metrics', 'show', 'mttd', '--service', 'checkout', '--inputs');

  expect(out).toMatch(/incident\/4 +12.5 +person/);
  expect(out).toContain('hash abc');
});

test('a comparison leads with its verdict', async () => {
  const { period, figures } = record;
  const body = {
    metric: 'mttr-restore',
    unit: 'minutes',
    scope: { team: 'shop' },
    before: { period, figures },
    after: { period, figures: { ...figures, value: 60 } },
    verdict: 'not-distinguishable',
    difference: -22,
    interval: { low: -140, high: 90 },
    why: 'the interval contains no difference',
  };
  const api = await startFakeApi({ 'GET /v1/metrics/mttr-restore/comparison?team=shop': { body } });
  const { out } = await evenkeel(api.url, 'metrics', 'compare', 'mttr-restore', '--team', 'shop');

  expect(out.split('\n')[0]).toBe('mttr-restore of team shop: not distinguishable');
  expect(out).toMatch(/difference +-22 min/);
});
