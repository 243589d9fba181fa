import { sql } from 'kysely';
import type { LedgerEntry } from '../../domain/audit.ts';
import { incidentReference, incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import { IncidentCommission } from '../../domain/incident.ts';
import { visibilityOf } from '../../domain/privacy.rules.ts';
import type { Database } from '../database.ts';
import { append, boundTo } from '../ledger.ts';
import { openRecord } from '../record.ts';

/** An incident to open, in the caller's transaction. */
export const openIncident = async (
  tx: Database,
  { commission, entry, triggerKey }: { commission: IncidentCommission; entry: LedgerEntry; triggerKey?: string },
): Promise<void> => {
  // What nobody can read would page nobody.
  IncidentCommission.parse(commission);
  const workflowId = incidentWorkflowIdOf(commission.number);
  const { number, service = null, environment = null, severity, kind, correlationKey = null } = commission;
  const reference = incidentReference(number);
  await openRecord(tx, {
    reference,
    workflowId,
    team: visibilityOf(reference, commission),
    status: service === null ? 'detected' : 'triaged',
  });
  await sql`
    insert into incident (number, reference, trigger_key, correlation_key, service, environment, severity, kind, commission)
    values (${number}, ${reference}, ${triggerKey ?? null}, ${correlationKey}, ${service}, ${environment}, ${severity}, ${kind}, ${JSON.stringify(commission)}::jsonb)`.execute(
    tx,
  );
  await append(tx, boundTo(commission, [entry]));
};

/** The incident that this has opened before. */
export const openedBy = async (tx: Database, triggerKey: string): Promise<number | undefined> => {
  const { rows } = await sql<{ number: number }>`
    select number from incident where trigger_key = ${triggerKey}`.execute(tx);
  return rows[0]?.number;
};

/** Numbers for incidents to open. A number that is not used is left out. */
export const nextNumbers = async (tx: Database, count: number): Promise<number[]> => {
  const { rows } = await sql<{ number: number }>`
    select nextval('incident_number') as number from generate_series(1, ${count})`.execute(tx);
  return rows.map(({ number }) => number);
};

/** Has the workflows of these incidents told that their alerts have changed. What has ended needs no news. */
export const bringNews = async (tx: Database, numbers: readonly number[]): Promise<void> => {
  if (numbers.length === 0) return;
  await sql`
    update incident i set news = news + 1 from record r
    where r.reference = i.reference and i.number = any(${numbers}::bigint[]) and r.status not in ('closed', 'cancelled')`.execute(
    tx,
  );
};

/** Wakes whoever tells the workflows, once the transaction is committed. */
export const wakeTeller = async (tx: Database): Promise<void> => {
  await sql`notify incidents`.execute(tx);
};
