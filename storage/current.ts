import { sql } from 'kysely';
import { isActive } from '../domain/objective/hold.rules.ts';
import { ObjectiveState } from '../domain/objective/state.ts';
import { type BudgetHoldRow, budgetHoldColumns, holdOrFreeze } from './budget-hold-row.ts';
import type { Database } from './database.ts';
import { readable, readStored } from './stored.ts';

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
  burnRates: ObjectiveState['burnRates'];
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
      objectivesOf(db),
    ]);
    return {
      incidents: incidents.rows,
      alerts: alerts.rows,
      approvals: approvals.rows[0]!,
      signals: signals.rows,
      objectives,
    };
  },
});

/** One that cannot be read is left out; a hold that cannot be read holds. */
const objectivesOf = async (db: Database): Promise<CurrentObjective[]> => {
  const [states, holds] = await Promise.all([
    sql<{ name: string; state: unknown }>`select name, state from objective order by name limit 5000`.execute(db),
    sql<BudgetHoldRow>`
      select ${sql.raw(budgetHoldColumns)} from budget_hold where ended_at is null order by id limit 5000`.execute(db),
  ]);
  const now = new Date();
  const active = holds.rows.map(holdOrFreeze).filter((hold) => isActive(hold, now.toISOString()));
  const held = new Set(active.map(({ service, objective }) => `${service}/${objective}`));
  return readable(states.rows, ({ name, state }) => {
    const stored = readStored(ObjectiveState, state, `objective ${name}`);
    const { service, used, burnRates, window, lastDataAt = window.from } = stored;
    const dataSeconds = (now.getTime() - Date.parse(lastDataAt)) / 1000;
    return { name, service, used: used ?? null, burnRates, dataSeconds, isHeld: held.has(`${service}/${name}`) };
  });
};
