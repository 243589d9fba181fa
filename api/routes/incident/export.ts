import type { Database } from '../../../storage/database.ts';
import { createAlertStore } from '../../../storage/alert.ts';
import { createIncidentStore } from '../../../storage/incident/index.ts';
import { createRatingStore } from '../../../storage/rating.ts';
import { createStatusPageStore } from '../../../storage/status-page.ts';

const mostAlerts = 1_000;

/** What an export has of an incident itself: its record, its alerts, what was published, and what people said of it. */
export const exportedIncident = async (tx: Database, id: string) => ({
  incident: (await createIncidentStore(tx).find(Number(id)))?.record ?? null,
  alerts: await createAlertStore(tx).list({ incident: Number(id), limit: mostAlerts }),
  publicUpdates: await createStatusPageStore(tx).of(Number(id)),
  ratings: await createRatingStore(tx).of(Number(id)),
});
