import { z } from 'zod';
import type { AlertFact, AlertReading, ReadAlerts } from '../alert.ts';
import { readSome } from '../json.ts';
import { type CdEvent, cdEventIn } from '../trigger/cdevents.ts';
import type { CloudEvent } from '../trigger/cloudevents.ts';
import { httpLink, instantOf, keptTexts, keyOf, maybeText, maybeTexts, severityOf, titleOf } from './reading.ts';

const Named = z.object({ id: maybeText }).catch({ id: undefined });

/** The specification demands the environment. Without it the alert is still one, which a mapping may place. */
const Content = z
  .object({
    description: maybeText,
    environment: Named,
    service: Named,
    artifactId: maybeText,
    ticketURI: maybeText,
  })
  .catch({ environment: {}, service: {} });

const statuses = new Map<string, 'firing' | 'resolved'>([
  ['detected', 'firing'],
  ['reported', 'firing'],
  ['resolved', 'resolved'],
]);
const ticketPredicates = new Set(['created', 'updated', 'closed']);

/** What a CDEvent says of an incident; undefined for an event about anything else. */
export const readIncidentEvent = (event: CloudEvent, receivedAt: string): AlertReading | undefined => {
  const [, subject, predicate = ''] = /^dev\.cdevents\.(incident|ticket)\.([^.]+)\.0\.\d+\.\d+/.exec(event.type) ?? [];
  if (subject === 'ticket' && ticketPredicates.has(predicate))
    return { alerts: [], changes: [], notes: ['ticket events are kept as evidence only'] };
  const status = subject === 'incident' ? statuses.get(predicate) : undefined;
  if (!status) return undefined;
  return { alerts: [factOf(cdEventIn(event), status, receivedAt)], changes: [], notes: [] };
};

/** The same of an event as it was kept when it was accepted. */
export const readKeptIncidentEvent: ReadAlerts = (body, receivedAt) =>
  readIncidentEvent(readSome(body) as CloudEvent, receivedAt) ?? { alerts: [], changes: [], notes: [] };

const factOf = (
  { context, subject, customData }: CdEvent,
  status: 'firing' | 'resolved',
  receivedAt: string,
): AlertFact => {
  const { description, environment, service, artifactId, ticketURI } = Content.parse(subject.content);
  const details = maybeTexts.parse(customData);
  const at = instantOf(context.timestamp) ?? receivedAt;
  return {
    // Whoever detects an incident and whoever resolves it are different senders, who speak of the same subject.
    key: keyOf(JSON.stringify([subject.source || context.source, subject.id])),
    status,
    title: titleOf(description, `incident ${subject.id}`),
    // CDEvents has no field for it.
    severity: severityOf(details['severity']),
    startedAt: at,
    ...(status === 'resolved' ? { endedAt: at } : {}),
    labels: keptTexts({ environment: environment.id, service: service.id, artifactId, subject: subject.id }),
    annotations: details,
    link: httpLink(ticketURI),
  };
};
