import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { canonical } from '../domain/digest.ts';
import { PerformanceRecord } from '../domain/metric.ts';
import type { PerformanceRecordStore } from '../domain/metric/ports.ts';
import type { Database } from './database.ts';
import { readStored } from './stored.ts';

/** Figures in PostgreSQL, each as it was computed. */
export const createPerformanceRecordStore = (db: Database): PerformanceRecordStore => ({
  keep: (found, at) =>
    db.transaction().execute(async (tx) => {
      const { inputs: _, ...computed } = found;
      const { metric, version, period, hash } = computed;
      const scope = canonical(computed.scope);
      const subject = [metric, scope, period.from, period.until].join(' ');
      await sql`select pg_advisory_xact_lock(hashtextextended(${`performance ${subject}`}, 0))`.execute(tx);
      const { rows } = await sql<{ record: unknown; hash: string; revision: number }>`
        select record, hash, revision from performance_record
        where metric = ${metric} and scope = ${scope} and period_from = ${period.from} and period_until = ${period.until}
          and version = ${version} order by revision desc limit 1`.execute(tx);
      const [newest] = rows;
      if (newest?.hash === hash) return recordOf(newest.record);
      const record: PerformanceRecord = {
        id: randomUUIDv7(),
        revision: (newest?.revision ?? 0) + 1,
        computedAt: at,
        ...computed,
      };
      await sql`
        insert into performance_record (id, metric, scope, period_from, period_until, version, revision, hash, computed_at, record)
        values (${record.id}, ${metric}, ${scope}, ${period.from}, ${period.until}, ${version}, ${record.revision}, ${hash}, ${at},
          ${JSON.stringify(record)}::jsonb)`.execute(tx);
      return record;
    }),
  async find(id) {
    const { rows } = await sql<{ record: unknown }>`
      select record from performance_record where id = ${id}`.execute(db);
    return rows[0] && recordOf(rows[0].record);
  },
});

const recordOf = (record: unknown): PerformanceRecord => readStored(PerformanceRecord, record, 'a performance record');
