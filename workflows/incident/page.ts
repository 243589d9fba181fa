import { escalated, needsResponder } from '../../domain/incident/escalation.rules.ts';
import { now } from '../time.ts';
import { type IncidentContext, notify } from './context.ts';

/** Pages the next level. Missed rounds are not made up for: after an outage the current level is paged once, and the clock starts then. */
export async function page(context: IncidentContext): Promise<void> {
  const { incident, stored } = context;
  const { number, escalation, severity, priority } = incident.current;
  const { round, level, loop } = escalation;
  const turn = await incident.briefly(
    stored.pageResponders({
      number,
      round,
      severity,
      priority,
      after: level === undefined ? undefined : { level, loop },
      at: Date.now(),
    }),
  );
  // Somebody may have acknowledged while they were paged.
  if (!needsResponder(incident.current) || incident.current.escalation.round !== round) return;
  const next = escalated(incident.current, turn, now());
  const { paged, skipped } = turn;
  if (next.escalation.status === 'exhausted') {
    incident.apply(next, { action: 'incident.escalation-exhausted', detail: { paged: escalation.paged } });
    return notify(
      context,
      `exhausted/${round}`,
      { team: incident.current.team, role: 'admin' },
      { reason: 'unacknowledged' },
    );
  }
  incident.apply(next, {
    action: 'incident.paged',
    detail: { level: turn.level, loop: turn.loop, people: [...paged], ...(skipped > 0 ? { skipped } : {}) },
  });
}
