import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonical } from '../../domain/digest.ts';
import { before, periodOf } from '../../domain/metric/period.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const unwritten = async (): Promise<unknown[]> => {
  const { rows } = await sql<{ scope: unknown }>`
    select scope from performance_report where written_at is null order by ordered_at`.execute(ops.db);
  return rows.map(({ scope }) => scope);
};
const written = async (): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from performance_report where written_at is not null`.execute(ops.db);
  return rows[0]!.count;
};

test('a report of a month that cannot be written stops no other one, and is written once it can be', async () => {
  const period = before(periodOf({}, Date.now() - 86_400_000));
  // The first of them: of everything.
  await sql`
    insert into performance_report (id, order_key, scope, period_from, period_until, is_sent, ordered_by, ordered_at)
    values (${randomUUID()}, ${`monthly/${canonical({})}/${period.from}`}, '{"service":3}', ${period.from}, ${period.until},
      true, '{"type":"system","name":"evenkeel"}', now())`.execute(ops.db);

  const monthly = await ops.client.workflow.start('produceMonthlyReports', {
    taskQueue: ops.taskQueue,
    workflowId: `monthly-${randomUUID()}`,
  });
  await expect.poll(written, { timeout: 20_000 }).toBeGreaterThan(1);
  await expect.poll(unwritten, { timeout: 20_000 }).toEqual([{ service: 3 }]);
  expect((await monthly.describe()).status.name).toBe('RUNNING');

  await sql`update performance_report set scope = '{}' where written_at is null`.execute(ops.db);
  await monthly.result();
  expect(await unwritten()).toEqual([]);
});
