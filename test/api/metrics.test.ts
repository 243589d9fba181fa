import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MetricName } from '../../domain/metric.ts';
import { declare, incidentOf } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const get = async (who: string, path: string) => ops.as(who)('GET', path);
const month = new Date().toISOString().slice(0, 7);
const figures = async (metric: string, query = 'service=checkout', who = 'vic') =>
  (await get(who, `/v1/metrics/${metric}?${query}`)).body;

const resolved = async (more: object = {}) => {
  const incident = await declare(ops, more);
  await incident.ask('cid', 'acknowledge');
  await incident.ask('cid', 'assign', { to: 'ana' });
  await incident.ask('ana', 'assign', { to: 'cid' });
  await incident.ask('cid', 'prioritize', { impact: 1, urgency: 2, users: 250 });
  await incident.ask('cid', 'resolve', { solution: 'Restarted', strategy: 'restart' });
  await incident.becomes('resolved');
  return incident;
};

test('incidents become figures as soon as their workflows have saved them', async () => {
  const felt = new Date(Date.now() - 30 * 60_000).toISOString();
  const one = await resolved({ impactAt: felt });
  await declare(ops, { kind: 'drill' });
  const open = await declare(ops, { severity: 'SEV-1', impactAt: felt });
  await open.until(({ rev }) => rev >= 1);

  const volume = await figures('incident-volume');
  expect(volume).toMatchObject({
    figures: { value: 2, n: 2 },
    leftOut: [{ why: 'drill', n: 1 }],
    scope: { service: 'checkout' },
  });
  expect(volume['id']).toBeUndefined();
  const restore = await figures('mttr-restore');
  expect(restore).toMatchObject({ unit: 'minutes', figures: { n: 1, missing: 1, open: { n: 1 } } });
  expect(await figures('hand-back-rate')).toMatchObject({ figures: { numerator: 1, denominator: 1 } });
  expect(await figures('impacted-user-minutes')).toMatchObject({ figures: { n: 1, missing: 1 } });
  expect(await figures('mttd')).toMatchObject({
    figures: { n: 2, parts: [{ name: 'machine' }, { name: 'person', n: 2 }] },
  });
  const { body } = await get('vic', '/v1/metrics/mttr-restore/inputs?service=checkout');
  expect(body['items']).toEqual([{ id: `incident/${one.number}`, value: expect.any(Number) }]);
  expect(body['hash']).toBe(restore['hash']);
});

describe('a record of a period that is over', () => {
  const asOf = (detectedAt: string) => sql`
    update incident set detected_at = ${detectedAt}::timestamptz, observation = observation || jsonb_build_object('detectedAt', ${Date.parse(detectedAt)}::bigint)
    where number = (select min(number) from incident)`;
  test('is kept once, and later data makes another revision', async () => {
    const first = await figures('incident-volume', 'service=checkout&period=2026-01');
    const again = await figures('incident-volume', 'service=checkout&period=2026-01');
    expect(first).toMatchObject({ revision: 1, figures: { value: 0 } });
    expect(again['id']).toBe(first['id']);

    await asOf('2026-01-15T10:00:00.000Z').execute(ops.db);
    const late = await figures('incident-volume', 'service=checkout&period=2026-01');
    expect(late).toMatchObject({ revision: 2, figures: { value: 1 } });
    expect((await get('vic', `/v1/performance-records/${first['id']}`)).body).toEqual(first);
    await expect(sql`update performance_record set revision = 9`.execute(ops.db)).rejects.toThrow('is not changed');
  });
  test('has every metric, and each is the same as by itself', async () => {
    const items = (await get('vic', '/v1/performance-records?team=shop&period=2026-01')).body['items'];
    expect(items.map((item) => item['metric'])).toEqual(MetricName.options);
    const alone = await figures('mttr-restore', 'team=shop&period=2026-01');
    expect(items.find((item) => item['metric'] === 'mttr-restore')?.id).toBe(alone['id']);
  });
  test('is compared with the one before, and says what can be told', async () => {
    const { body } = await get('vic', '/v1/metrics/incident-volume/comparison?service=checkout&period=2026-01');
    expect(body).toMatchObject({
      verdict: 'not-distinguishable',
      difference: 1,
      before: { period: { from: '2025-12-01T00:00:00.000Z' } },
    });
    const other = await get(
      'vic',
      '/v1/metrics/incident-volume/comparison?service=checkout&period=2026-01&with=2025-06',
    );
    expect(other.body).toMatchObject({
      before: { period: { from: '2025-06-01T00:00:00.000Z', until: '2025-07-01T00:00:00.000Z' } },
    });
  });
});

describe('whoever asks', () => {
  test('sees the figures of their teams alone', async () => {
    expect((await get('eva', '/v1/metrics/mttd?service=checkout')).status).toBe(404);
    expect((await get('eva', '/v1/metrics/mttd?team=shop')).status).toBe(404);
    expect((await get('vic', '/v1/metrics/mttd')).body).toMatchObject({
      detail: expect.stringContaining('which team or service'),
    });
    expect((await get('admin', '/v1/metrics/mttd')).status).toBe(200);
    const kept = await figures('mttd', 'team=shop&period=2026-02');
    expect((await get('eva', `/v1/performance-records/${kept['id']}`)).status).toBe(404);
  });
  test('counts private incidents, and is not told which they are', async () => {
    const declared = await ops.as('ana')('POST', '/v1/incidents', {
      title: 'Stolen',
      service: 'checkout',
      environment: 'production',
      severity: 'SEV-2',
      privateTo: ['cid'],
    });
    const number = Number(declared.body['incident']);
    await incidentOf(ops, number).until(({ rev }) => rev >= 1);
    const seenBy = async (who: string) =>
      ((await get(who, '/v1/metrics/incident-volume/inputs?service=checkout')).body['items'] as { id: string }[]).map(
        ({ id }) => id,
      );
    expect(await seenBy('vic')).toContain('incident/private');
    expect(await seenBy('vic')).not.toContain(`incident/${number}`);
    expect(await seenBy('admin')).toContain(`incident/${number}`);
  });
  test('is not told of a private incident that was felt in the period and noticed later', async () => {
    const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
    const declared = await ops.as('ana')('POST', '/v1/incidents', {
      title: 'Stolen long ago',
      service: 'checkout',
      environment: 'production',
      severity: 'SEV-2',
      impactAt: daysAgo(3),
      privateTo: ['cid'],
    });
    const number = Number(declared.body['incident']);
    await incidentOf(ops, number).until(({ rev }) => rev >= 1);
    const period = `from=${daysAgo(4)}&until=${daysAgo(2)}`;
    const seenBy = async (who: string) => {
      const { body } = await get(who, `/v1/metrics/availability/inputs?service=checkout&${period}`);
      return (body['items'] as { id: string }[]).map(({ id }) => id.split('/', 2).join('/'));
    };
    expect(await seenBy('vic')).toEqual(['incident/private']);
    expect(await seenBy('admin')).toEqual([`incident/${number}`]);
  });
  test.each([
    ['mttr', 422],
    [`mttd?service=checkout&period=${month}&from=2026-01-01T00:00:00Z`, 422],
    ['mttd?service=checkout&from=2026-01-01T00:00:00Z', 422],
    ['mttd?service=checkout&from=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z', 422],
    ['mttd?service=checkout&from=2000-01-01T00:00:00Z&until=2026-01-01T00:00:00Z', 422],
    ['mttd?service=checkout&period=2026-02-30', 422],
    ['mttd?service=checkout&period=2099-01', 422],
    ['mttd?service=nowhere', 404],
    ['mttd?service=checkout&team=shop', 422],
  ])('is told what is wrong with %s', async (path, status) => {
    const said = await get('admin', `/v1/metrics/${path}`);
    expect([said.status, typeof said.body['detail']]).toEqual([status, 'string']);
  });
});
