import { sql } from 'kysely';
import { expect } from 'vitest';
import { declare } from './monitoring.ts';
import type { Ops } from './ops.ts';

const dayMs = 86_400_000;
export const daysAgo = (days: number): string => new Date(Date.now() - days * dayMs).toISOString();

/** An incident as if it had been so many days ago; its number. */
export const happened = async (ops: Ops, title: string, days: number, service = 'checkout'): Promise<number> => {
  const { number, reference } = await declare(ops, { title, service, kind: 'backfilled' });
  const at = daysAgo(days);
  await sql`
    update record set state = jsonb_set(state, '{detectedAt}', to_jsonb(${at}::text)) where reference = ${reference}`.execute(
    ops.db,
  );
  await sql`
    update incident set detected_at = ${at}, changes = changes + 1,
      observation = jsonb_set(observation, '{detectedAt}', to_jsonb(${Date.parse(at)}::bigint)) where number = ${number}`.execute(
    ops.db,
  );
  return number;
};

/** All incidents are profiled, and all that was accepted is delivered. */
export const settled = (ops: Ops) =>
  expect
    .poll(async () => {
      const { rows } = await sql`
        select from incident where profiled < changes union all select from inbox where state = 'accepted' limit 1`.execute(
        ops.db,
      );
      return rows.length;
    })
    .toBe(0);
