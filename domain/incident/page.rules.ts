import type { Incident } from '../incident.ts';
import type { PageFacts } from '../page.ts';
import { isDisturbed } from './record.rules.ts';

/**
 * Whether the page still says something new: nobody has acknowledged, snoozed or restored it since. A copy of the incident that
 * is older than the page says nothing about that, and neither does one that is missing.
 */
export const needsPage = (
  incident: Incident | null | undefined,
  { rev, at, person }: Pick<PageFacts, 'rev' | 'at' | 'person'>,
): boolean => {
  if (!incident || incident.rev < rev) return true;
  const { escalation, snoozedUntil } = incident;
  if (!isDisturbed(incident) || snoozedUntil !== undefined || escalation.status === 'stopped') return false;
  // Another escalation has begun since, and pages for itself.
  if (Date.parse(escalation.startedAt) > Date.parse(at)) return false;
  return !escalation.acknowledgedBy.includes(person);
};
