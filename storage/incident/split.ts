import { sql } from 'kysely';
import type { Alert } from '../../domain/alert.ts';
import type { SplitOff } from '../../domain/incident/ports.ts';
import { lockAlertsOf } from '../alert.ts';
import type { Database } from '../database.ts';
import { bringNews, nextNumbers, openedBy, openIncident, wakeTeller } from './open.ts';

/**
 * Opens another incident of some alerts of one, once for each key; says which it is. Its correlation key is its own, and the
 * alerts keep it. Undefined where none of them belongs to the incident, or none would be left.
 */
export const splitAlerts = (
  db: Database,
  { number, fingerprints, triggerKey, opening }: SplitOff,
): Promise<number | undefined> =>
  db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`incident ${triggerKey}`}, 0))`.execute(tx);
    const known = await openedBy(tx, triggerKey);
    if (known !== undefined) return known;
    const alerts = await lockAlertsOf(tx, number, fingerprints);
    if (alerts.length === 0 || !(await hasOthers(tx, number, alerts))) return undefined;
    const [next = 0] = await nextNumbers(tx, 1);
    const opened = opening(next, alerts);
    await openIncident(tx, { ...opened, triggerKey });
    const moved = alerts.map(({ fingerprint }) => fingerprint);
    await sql`
      update alert set incident = ${next}, correlation_key = ${opened.commission.correlationKey ?? null}
      where fingerprint = any(${moved})`.execute(tx);
    await bringNews(tx, [number]);
    await wakeTeller(tx);
    return next;
  });

const hasOthers = async (tx: Database, number: number, alerts: readonly Alert[]): Promise<boolean> => {
  const { rows } = await sql`
    select from alert where incident = ${number} and fingerprint <> all(${alerts.map(({ fingerprint }) => fingerprint)}) limit 1`.execute(
    tx,
  );
  return rows.length > 0;
};
