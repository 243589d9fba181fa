import { hearAlerts } from '../../domain/incident/alerts.rules.ts';
import { now } from '../time.ts';
import type { IncidentContext } from './context.ts';

/** Looks how its alerts stand in PostgreSQL, and takes that in. */
export async function lookAtAlerts(context: IncidentContext): Promise<void> {
  const { incident, stored, timing, told } = context;
  context.looked = told();
  const { number } = incident.current;
  const situation = await incident.briefly(stored.readAlerts({ number }));
  const heard = hearAlerts(incident.current, situation, now(), timing);
  if (!heard) return;
  const { total, firing, flapping, worst } = situation;
  incident.apply(heard.incident, {
    action: `incident.${heard.heard}`,
    detail: { alerts: total, firing, ...(flapping && { flapping }), ...(worst && { worst }) },
  });
}
