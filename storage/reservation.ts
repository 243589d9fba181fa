import { sql } from 'kysely';
import type { ReservationStore } from '../domain/ports.ts';
import type { Database } from './database.ts';

/** Who holds which environment. Those who ask for one environment wait for each other, so two never hold it alone. */
export const createReservationStore = (db: Database): ReservationStore => ({
  reserve: (environment, plan, activity, mode) =>
    db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`environment ${environment}`}, 0))`.execute(tx);
      // A plan does not stand in its own way, and a plan that is over holds nothing.
      const { rows } = await sql<{ mode: string }>`
        select r.mode from reservation r join operation_plan p on p.id = r.plan
        where r.environment = ${environment} and r.plan <> ${plan} and p.closed_at is null`.execute(tx);
      if (rows.some((other) => mode === 'exclusive' || other.mode === 'exclusive')) return false;
      await sql`
        insert into reservation (environment, plan, activity, mode) values (${environment}, ${plan}, ${activity}, ${mode})
        on conflict (environment, plan, activity) do update set mode = excluded.mode`.execute(tx);
      return true;
    }),
  async release(environment, plan, activity) {
    await sql`delete from reservation where environment = ${environment} and plan = ${plan} and activity = ${activity}`.execute(
      db,
    );
  },
});
