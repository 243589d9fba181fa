import type { Incident } from '../incident.ts';
import { mayBePublic } from './public.rules.ts';
import { notNow } from './record.rules.ts';

/** Stakeholders are asked about what was real, and is over for good. */
export const asksForRating = (incident: Incident): boolean => mayBePublic(incident) && incident.status === 'closed';

/** Refuses to rate what is under way, or what nobody is asked about. */
export const refuseUnratable = (incident: Incident): void => {
  if (!mayBePublic(incident)) throw notNow(incident, 'nobody rates a drill, or what is backfilled or private');
  const { status } = incident;
  if (status === 'cancelled') throw notNow(incident, 'there was nothing to rate');
  if (status !== 'resolved' && status !== 'review' && status !== 'closed')
    throw notNow(incident, 'rate it when it is resolved');
};
