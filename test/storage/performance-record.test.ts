import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PerformanceRecord } from '../../domain/metric.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());
const get = async (path: string) => (await ops.as('ana')('GET', path)).status;

test('a performance record that cannot be read is computed again', async () => {
  const path = '/v1/performance-records?service=checkout&period=2026-01';
  expect(await get(path)).toBe(200);
  await sql`alter table performance_record disable trigger user`.execute(ops.db);
  await sql`update performance_record set record = '{"id":1}' where metric = 'incident-volume'`.execute(ops.db);
  expect.soft(await get(path)).toBe(200);
  expect.soft(await get('/v1/metrics/mttr-restore?service=checkout&period=2026-01')).toBe(200);
  expect.soft(await get('/v1/metrics/incident-volume?service=checkout&period=2026-01')).toBe(200);
});

test('figures of more requests than a whole number of JavaScript holds are kept, asked for again and reported', async () => {
  const from = Date.UTC(2026, 9, 5);
  const iso = new Date(from).toISOString();
  const name = 'checkout-availability';
  await ops.stores.objectives.fill('s', { from, until: from + 60_000 }, [{ at: from, good: 9e15, total: 1e16 }]);
  await ops.stores.objectives.settle(
    { objective: name, service: 'checkout', team: 'shop' },
    {
      name,
      slo: name,
      title: 't',
      service: 'checkout',
      team: 'shop',
      target: 0.99,
      method: 'Occurrences',
      series: 's',
      slotMs: 60_000,
      window: { from: iso, until: iso },
      good: 9e15,
      total: 1e16,
      bad: 1e15,
      allowed: 1e14,
      used: 10,
      unmeasured: 0,
      empty: 0,
      burnRates: [],
    },
    [],
    Date.now(),
  );
  const metric = '/v1/metrics/availability-requests?service=checkout&period=2026-10';
  const records = '/v1/performance-records?service=checkout&period=2026-10';
  const found = [await get(metric), await get(metric), await get(records), await get(records)];
  expect(found).toEqual([200, 200, 200, 200]);
  const { body } = await ops.as('dan')('POST', '/v1/performance-reports', { service: 'checkout', period: '2026-10' });
  const report = String(body['report']);
  await ops.client.workflow.getHandle(`performance-report/${report}`).result();
  expect(await get(`/v1/performance-reports/${report}`)).toBe(200);
});

test('a figure that could not be read again is refused', async () => {
  const [known] = await sql<{
    record: object;
  }>`select record from performance_record where metric = 'mttr-restore' limit 1`
    .execute(ops.db)
    .then(({ rows }) => rows);
  const { id: _, revision: __, computedAt: ___, ...computed } = PerformanceRecord.parse(known!.record);
  const broken = { ...computed, hash: 'other', figures: { ...computed.figures, value: Number.NaN }, inputs: [] };
  const keeping = ops.stores.performanceRecords.keep([broken], computed, new Date().toISOString());
  await expect(keeping).rejects.toThrow('mttr-restore cannot be kept: figures.value');
});
