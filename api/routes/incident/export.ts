import type { Database } from '../../../storage/database.ts';
import { createAlertStore } from '../../../storage/alert.ts';
import { createIncidentStore } from '../../../storage/incident.ts';

const mostAlerts = 1_000;

/** What an export has of an incident itself: its record, and the alerts that belong to it. */
export const exportedIncident = async (tx: Database, id: string) => ({
  incident: (await createIncidentStore(tx).find(Number(id)))?.record ?? null,
  alerts: await createAlertStore(tx).list({ incident: Number(id), limit: mostAlerts }),
});
