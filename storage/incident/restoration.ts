import { sql } from 'kysely';
import { DomainError } from '../../domain/errors.ts';
import type { IncidentStore } from '../../domain/incident/ports.ts';
import { automaticLimits, type Restoration } from '../../domain/restoration.ts';
import type { Database } from '../database.ts';

/** Runbooks that were ordered to restore service. */
export const createRestorations = (db: Database): Pick<IncidentStore, 'order' | 'restoration' | 'restorationBy'> => ({
  order: ({ incident, number, ...ordered }) =>
    db.transaction().execute(async (tx) => {
      const { runbook, revision, service, environment, digest, orderedBy, lentBy, isAutomatic } = ordered;
      await sql`select pg_advisory_xact_lock(hashtextextended(${`restore ${service} ${environment}`}, 0))`.execute(tx);
      const known = await restorationOf(tx, incident, number);
      if (known) return known;
      const { rows } = await sql<{ count: number }>`
        select count(*) from restoration where is_automatic and service = ${service} and environment = ${environment}
          and ordered_at > now() - interval '1 hour'`.execute(tx);
      if (isAutomatic && rows[0]!.count >= automaticLimits.perHour)
        throw new DomainError(
          'conflict',
          `${rows[0]!.count} runbooks ran by themselves for ${service} in the last hour`,
        );
      await sql`
        insert into restoration (incident, number, runbook, revision, service, environment, digest, ordered_by, lent_by, is_automatic)
        values (${incident}, ${number}, ${runbook}, ${revision}, ${service}, ${environment}, ${digest}, ${orderedBy}, ${lentBy}, ${isAutomatic})`.execute(
        tx,
      );
      return (await restorationOf(tx, incident, number))!;
    }),
  restoration: (incident, number) => restorationOf(db, incident, number),
  restorationBy: (incident, digest) => restorationOf(db, incident, digest),
});

const restorationOf = async (
  on: Database,
  incident: number,
  which: number | string,
): Promise<Restoration | undefined> => {
  const { rows } = await sql<Restoration>`
    select incident, number, runbook, revision, service, environment, digest, ordered_by, lent_by, is_automatic, ordered_at
    from restoration where incident = ${incident} and ${typeof which === 'number' ? sql`number = ${which}` : sql`digest = ${which}`}
    order by number desc limit 1`.execute(on);
  return rows[0];
};
