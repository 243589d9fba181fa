import { sql } from 'kysely';
import type { Database } from './database.ts';

/** What goes on now, for those who watch it by the minute. */
export interface Current {
  incidents: { severity: string; acknowledged: boolean; count: number; oldestSeconds: number }[];
  alerts: { class: string; count: number }[];
  approvals: { count: number; oldestSeconds: number };
  signals: { status: string; count: number }[];
}

/** Counts of what is open as of now; drills are none. */
export const createCurrentStore = (db: Database): { read(): Promise<Current> } => ({
  async read() {
    const [incidents, alerts, approvals, signals] = await Promise.all([
      sql<Current['incidents'][number]>`
        select severity, observation ? 'acknowledgedAt' as acknowledged, count(*)::int as count,
          extract(epoch from max(now() - detected_at))::float8 as oldest_seconds
        from incident where is_open and kind = 'real' and observation is not null group by 1, 2`.execute(db),
      sql<
        Current['alerts'][number]
      >`select class, count(*)::int as count from alert where is_firing group by 1`.execute(db),
      sql<Current['approvals']>`
        select count(*)::int as count, coalesce(extract(epoch from max(now() - opened_at)), 0)::float8 as oldest_seconds
        from approval where status = 'open'`.execute(db),
      sql<Current['signals'][number]>`select status, count(*)::int as count from improvement_signal group by 1`.execute(
        db,
      ),
    ]);
    return {
      incidents: incidents.rows,
      alerts: alerts.rows,
      approvals: approvals.rows[0]!,
      signals: signals.rows,
    };
  },
});
