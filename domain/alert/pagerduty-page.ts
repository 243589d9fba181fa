import { z } from 'zod';
import { readAs, readSome } from '../json.ts';
import { keyOf, lineOf, maybeText } from './reading.ts';

const text = z.string().min(1);

const Agent = z.object({ id: text, type: text, summary: maybeText }).optional().catch(undefined);

/** Other kinds of data than an incident have other fields, and some of them carry the incident that they belong to. */
const Incident = z
  .object({ type: z.literal('incident'), incident_key: maybeText })
  .optional()
  .catch(undefined);

const Webhook = z.object({
  event: z.object({ id: text, event_type: text, agent: Agent, data: Incident }),
});

const types = new Map<string, PagerDutyPage['type']>([
  ['incident.acknowledged', 'acknowledged'],
  ['incident.unacknowledged', 'unacknowledged'],
  ['incident.reopened', 'reopened'],
  ['incident.resolved', 'resolved'],
]);

/** What became of a page that was sent through PagerDuty. */
export interface PagerDutyPage {
  eventId: string;
  type: 'acknowledged' | 'unacknowledged' | 'reopened' | 'resolved' | 'other';
  /** The key that the page was sent with; of a page that was not sent by us, PagerDuty's own. */
  incidentKey?: string | undefined;
  /** Whoever did it: a person, or a program such as ours. */
  agent?: { id: string; type: string; name?: string | undefined } | undefined;
}

/**
 * A webhook of PagerDuty, version 3. Nothing that is authentic is refused for what it tells, since PagerDuty stops sending for a
 * day after three refusals.
 */
export const readPagerDutyPage = (body: Uint8Array): PagerDutyPage => {
  const { id, event_type, agent, data } = readAs(Webhook, readSome(body)).event;
  return {
    eventId: keyOf(id),
    type: (data && types.get(event_type)) ?? 'other',
    incidentKey: data?.incident_key ? keyOf(data.incident_key) : undefined,
    agent: agent && { id: keyOf(agent.id), type: keyOf(agent.type), name: lineOf(200, agent.summary) },
  };
};
