import type { LedgerEntry } from '../../domain/audit.ts';
import { incidentReference, incidentWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Incident } from '../../domain/incident.ts';
import type { ActivityPorts } from '../ports.ts';

const follows: Partial<Record<LedgerEntry['action'], 'acknowledge' | 'resolve'>> = {
  'incident.acknowledged': 'acknowledge',
  'incident.resolved': 'resolve',
  'incident.cancelled': 'resolve',
};

/** Lets those who were told elsewhere follow: PagerDuty has the same state, and the thread in Slack says who has it. */
export const tellFollowers = async (
  { outbox }: Pick<ActivityPorts, 'outbox'>,
  { number, rev, acknowledgement }: Incident,
  entries: readonly LedgerEntry[],
): Promise<void> => {
  const actions = entries.flatMap(({ action }) => follows[action] ?? []);
  const action = actions.at(-1);
  if (action === undefined) return;
  const belongsTo = incidentReference(number);
  const key = `${incidentWorkflowIdOf(number)}/follow/${rev}`;
  for (const { channel } of await outbox.addressesOf(belongsTo, 'pagerduty'))
    await outbox.put(`${key}/${channel}`, belongsTo, { kind: 'pagerduty', channel, incident: number, action });
  const who = entries.findLast((entry) => follows[entry.action] !== undefined)?.actor.name ?? acknowledgement?.by;
  const subject = action === 'acknowledge' ? `${who} has incident ${number}` : `Incident ${number} is over`;
  for (const { channel, to } of await outbox.addressesOf(belongsTo, 'slack'))
    if (to !== null)
      await outbox.put(`${key}/${channel}/${to}`, belongsTo, { kind: 'slack', channel, to, subject, text: subject });
};
