import { randomUUIDv7 } from 'node:crypto';
import { sql } from 'kysely';
import { canonical } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { PerformanceRecord } from '../domain/metric.ts';
import type { PerformanceRecordStore } from '../domain/metric/ports.ts';
import type { Database } from './database.ts';
import { readable, readStored } from './stored.ts';

/** Figures in PostgreSQL, each as it was computed. */
export const createPerformanceRecordStore = (db: Database): PerformanceRecordStore => ({
  keep: (found, { scope: of, period }, at) =>
    db.transaction().execute(async (tx) => {
      const scope = canonical(of);
      const subject = [scope, period.from, period.until].join(' ');
      await sql`select pg_advisory_xact_lock(hashtextextended(${`performance ${subject}`}, 0))`.execute(tx);
      const { rows } = await sql<Row>`
        select distinct on (metric, version) metric, version, revision, hash, record from performance_record
        where scope = ${scope} and period_from = ${period.from} and period_until = ${period.until}
        order by metric, version, revision desc`.execute(tx);
      const fresh: PerformanceRecord[] = [];
      const records = found.map((one) => {
        const { inputs: _, ...computed } = one;
        const newest = rows.find(({ metric, version }) => metric === computed.metric && version === computed.version);
        const [known] = newest?.hash === computed.hash ? readable([newest.record], recordOf) : [];
        if (known) return known;
        const revision = (newest?.revision ?? 0) + 1;
        const record = storable({ id: randomUUIDv7(), revision, computedAt: at, ...computed });
        fresh.push(record);
        return record;
      });
      if (fresh.length > 0)
        await sql`
          insert into performance_record (id, metric, scope, period_from, period_until, version, revision, hash, computed_at, record)
          select id, metric, ${scope}, ${period.from}, ${period.until}, version, revision, hash, ${at}, record
          from jsonb_to_recordset(${JSON.stringify(fresh.map((record) => ({ ...record, record })))}::jsonb)
            as t(id uuid, metric text, version int, revision int, hash text, record jsonb)`.execute(tx);
      return records;
    }),
  async find(id) {
    const { rows } = await sql<{ record: unknown }>`
      select record from performance_record where id = ${id}`.execute(db);
    return rows[0] && recordOf(rows[0].record);
  },
});

interface Row {
  metric: string;
  version: number;
  revision: number;
  hash: string;
  record: unknown;
}

const recordOf = (record: unknown): PerformanceRecord => readStored(PerformanceRecord, record, 'a performance record');

/** Refuses what could not be read again. */
const storable = (record: PerformanceRecord): PerformanceRecord => {
  const { success, error } = PerformanceRecord.safeParse(record);
  if (success) return record;
  const [fault] = error.issues;
  throw new DomainError('invalid', `${record.metric} cannot be kept: ${fault?.path.join('.')}: ${fault?.message}`);
};
