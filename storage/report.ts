import { sql } from 'kysely';
import type { ReportStore } from '../domain/ports.ts';
import type { Database } from './database.ts';

export interface StoredReport {
  kind: 'completion' | 'status';
  number: number;
  madeAt: string;
  markdown: string;
  record: unknown;
}

export interface ReportStorage extends ReportStore {
  ofPlan(plan: string): Promise<StoredReport[]>;
}

/** Reports as they were sent; a report is never rewritten. */
export const createReportStore = (db: Database): ReportStorage => ({
  async save(plan, kind, number, markdown, record) {
    await sql`
      insert into report (plan, kind, number, markdown, record)
      values (${plan}, ${kind}, ${number}, ${markdown}, ${JSON.stringify(record)}::jsonb) on conflict do nothing`.execute(
      db,
    );
  },
  async ofPlan(plan) {
    const { rows } = await sql<Omit<StoredReport, 'madeAt'> & { made_at: Date }>`
      select kind, number, made_at, markdown, record from report where plan = ${plan} order by made_at`.execute(db);
    return rows.map(({ made_at, ...report }) => ({ ...report, madeAt: made_at.toISOString() }));
  },
});
