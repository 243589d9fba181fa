import { sql } from 'kysely';
import type { ReservationStore } from '../domain/ports.ts';
import type { Database } from './database.ts';

/** Who holds which environment. Those who ask for one environment wait for each other, so two never hold it alone. */
export const createReservationStore = (db: Database): ReservationStore => ({
  reserve: ({ environment, belongsTo, activity, mode, at }) =>
    db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`environment ${environment}`}, 0))`.execute(tx);
      // A record does not stand in its own way, and one that is over holds nothing.
      const { rows } = await sql<{ mode: string }>`
        select r.mode from reservation r join record o on o.reference = r.belongs_to
        where r.environment = ${environment} and r.belongs_to <> ${belongsTo} and r.is_held and o.closed_at is null`.execute(
        tx,
      );
      if (rows.some((other) => mode === 'exclusive' || other.mode === 'exclusive')) return false;
      const { rows: own } = await sql`
        insert into reservation (environment, belongs_to, activity, mode, as_of) values (${environment}, ${belongsTo}, ${activity}, ${mode}, ${at})
        on conflict (environment, belongs_to, activity) do update set mode = excluded.mode, as_of = excluded.as_of, is_held = true
        where reservation.as_of < excluded.as_of or (reservation.as_of = excluded.as_of and reservation.is_held)
        returning true`.execute(tx);
      return own.length === 1;
    }),
  async release({ environment, belongsTo, activity, at }) {
    await sql`
      with old as (
        delete from reservation
        where environment = ${environment} and belongs_to <> ${belongsTo} and not is_held and made_at < now() - interval '1 day'
      )
      insert into reservation (environment, belongs_to, activity, mode, as_of, is_held)
      values (${environment}, ${belongsTo}, ${activity}, 'shared', ${at}, false)
      on conflict (environment, belongs_to, activity) do update set is_held = false, as_of = excluded.as_of
      where reservation.as_of <= excluded.as_of`.execute(db);
  },
});
