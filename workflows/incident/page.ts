import { escalated, needsResponder } from '../../domain/incident/escalation.rules.ts';
import { now } from '../time.ts';
import type { IncidentContext } from './context.ts';

/** Pages the next level. Missed rounds are not made up for: after an outage the current level is paged once, and the clock starts then. */
export async function page(context: IncidentContext): Promise<void> {
  const { incident, stored } = context;
  const { number, escalation, severity, priority, rev } = incident.current;
  const { round, level, position: after } = escalation;
  const turn = await incident.briefly(
    stored.pageResponders({ number, round, severity, priority, after, level, at: Date.now(), rev }),
  );
  // Somebody may have acknowledged while they were paged.
  if (!needsResponder(incident.current) || incident.current.escalation.round !== round) return;
  const next = escalated(incident.current, turn, now());
  const { paged, skipped } = turn;
  const people = { people: [...paged], ...(skipped > 0 ? { skipped } : {}) };
  if (next.escalation.status === 'exhausted')
    incident.apply(next, { action: 'incident.escalation-exhausted', detail: people });
  else if (paged.length === 0)
    incident.apply(next, { action: 'incident.escalation-waits', detail: { until: next.escalation.nextAt } });
  else incident.apply(next, { action: 'incident.paged', detail: { level: turn.level, loop: turn.loop, ...people } });
}
