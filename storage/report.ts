import { sql } from 'kysely';
import { evenkeel } from '../domain/actor.rules.ts';
import type { ReportStore } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';
import type { Database } from './database.ts';
import { append, boundTo } from './ledger.ts';

export interface StoredReport {
  kind: 'completion' | 'status';
  number: number;
  madeAt: string;
  markdown: string;
  record: unknown;
}

type ReportStorage = ReportStore & { of(record: Reference): Promise<StoredReport[]> };

/** Reports as they were sent; a report is never rewritten. */
export const createReportStore = (db: Database): ReportStorage => ({
  save: (belongsTo, kind, number, markdown, record) =>
    db.transaction().execute(async (tx) => {
      const { rows } = await sql<StoredReport>`
        insert into report (belongs_to, kind, number, markdown, record)
        values (${belongsTo}, ${kind}, ${number}, ${markdown}, ${JSON.stringify(record)}::jsonb) on conflict do nothing
        returning kind, number, made_at, markdown, record`.execute(tx);
      const [report] = rows;
      if (!report) return;
      const subject = `report/${belongsTo}/${kind}/${number}`;
      const entry = { key: subject, at: report.madeAt, actor: evenkeel, subject, belongsTo };
      await append(tx, boundTo(report, [{ ...entry, action: 'report.written' }]));
    }),
  async of(record) {
    const { rows } = await sql<StoredReport>`
      select kind, number, made_at, markdown, record from report where belongs_to = ${record} order by made_at`.execute(
      db,
    );
    return rows;
  },
});
