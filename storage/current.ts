import { sql } from 'kysely';
import type { Database } from './database.ts';

/** What goes on now, for those who watch it by the minute. */
export interface Current {
  incidents: { severity: string; acknowledged: boolean; count: number; oldestSeconds: number }[];
  alerts: { class: string; count: number }[];
  approvals: { count: number; oldestSeconds: number };
  signals: { status: string; count: number }[];
  objectives: CurrentObjective[];
}

/** An objective as it was looked at last, without what its documents say. */
interface CurrentObjective {
  name: string;
  service: string;
  /** Share of the error budget that is used; null where there is none yet. */
  used: number | null;
  burnRates: { window: string; burnRate?: number }[];
  /** Age of its newest data; where there is none, the time for which there is none at least. */
  dataSeconds: number;
  /** Something is held up now: a hold has not ended and nobody has overridden it. */
  isHeld: boolean;
}

/** Counts of what is open as of now, of which drills are none, and how the first 5,000 objectives stand. */
export const createCurrentStore = (db: Database): { read(): Promise<Current> } => ({
  async read() {
    const [incidents, alerts, approvals, signals, objectives] = await Promise.all([
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
      sql<CurrentObjective>`
        select name, state->>'service' as service, (state->>'used')::float8 as used, state->'burnRates' as burn_rates,
          extract(epoch from now() - coalesce(state->>'lastDataAt', state->'window'->>'from')::timestamptz)::float8 as data_seconds,
          exists (
            select from budget_hold h where h.service = state->>'service' and h.objective = name and ended_at is null
              and coalesce((record->'overridden'->>'until')::timestamptz <= now(), true)) as is_held
        from objective order by name limit 5000`.execute(db),
    ]);
    return {
      incidents: incidents.rows,
      alerts: alerts.rows,
      approvals: approvals.rows[0]!,
      signals: signals.rows,
      objectives: objectives.rows,
    };
  },
});
