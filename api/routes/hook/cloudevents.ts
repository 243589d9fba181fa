import { readIncidentEvent } from '../../../domain/alert/cdevents-incident.ts';
import type { AlertFormat } from '../../../domain/alert/readers.ts';
import { z } from 'zod';
import { verifySecret } from '../../../domain/signature.ts';
import { keepable } from '../../../domain/text.ts';
import { parseCdEvent } from '../../../domain/trigger/cdevents.ts';
import { transitionOf } from '../../../domain/trigger/cdevents-transition.ts';
import { type CloudEvent, readCloudEvents } from '../../../domain/trigger/cloudevents.ts';
import type { Context } from '../../context.ts';
import { HttpError } from '../../errors.ts';
import { operation, type Untagged } from '../../operation.ts';
import { BySource, bytesOf, type Delivery, type Format, type Told } from './format.ts';

const Envelope = z
  .looseObject({ specversion: z.string(), id: z.string(), source: z.string(), type: z.string() })
  .meta({ id: 'CloudEvent', description: 'CloudEvents 1.0' });

/** CloudEvents from senders that hold a secret of the source. All or nothing: a batch with one bad event is not taken in part. */
export const cloudevents: Format = {
  operation: {
    id: 'receiveCloudEvents',
    summary: 'Takes CloudEvents 1.0 (binary, structured, batch) that carry CDEvents of services and incidents',
    description: 'Committed; the same event again gets the same answer',
    sender: {
      proof: 'sourceSecret',
      bodies: {
        'application/cloudevents+json': Envelope,
        'application/cloudevents-batch+json': z.array(Envelope),
        // Of a binary event, whose attributes are headers.
        'application/json': z.looseObject({}),
      },
    },
  },
  verify({ headers }, secrets) {
    if (!verifySecret(headers['authorization'], secrets))
      throw new HttpError(401, 'Authorization: Bearer with the secret of the source is needed');
  },
  read({ source, body, headers }) {
    const contentType = headers['content-type'] ?? '';
    const { acceptsBatches } = source;
    const read = readCloudEvents({ contentType, headers, body, acceptsBatches }).map((event) =>
      readEvent(event, source),
    );
    return { told: read.map(({ told }) => told), notes: read.flatMap(({ notes }) => notes) };
  },
};

const readEvent = (event: CloudEvent, source: Delivery['source']): { told: Told; notes: string[] } => {
  const transition = transitionOf(event, source);
  const incident = readIncidentEvent(event, new Date().toISOString());
  const { deliveryKey: key, facts, note } = parseCdEvent(event, incident !== undefined || transition !== undefined);
  const body = bytesOf(event);
  const notes = [...(incident?.notes ?? []), ...(note === undefined ? [] : [note])];
  const alerts = incident?.alerts.length ?? 0;
  if (alerts > 0) return { told: { name: incidentFormat, key, body, facts: [], alerts }, notes };
  const named = { name: keepable(`cloudevents.${event.type}`, 300), key, body };
  if (transition)
    return { told: { ...named, facts: [], content: { family: 'transition', facts: [transition] } }, notes };
  return { told: { ...named, facts }, notes };
};

const incidentFormat = 'cloudevents.incident' satisfies AlertFormat;

/** The handshake of CloudEvents, before anything is sent. */
export const consentToCloudEvents = ({ recent }: Context): Untagged =>
  operation({
    id: 'consentToCloudEvents',
    route: 'OPTIONS /v1/hooks/cloudevents/{source}',
    summary: 'Consents to deliveries from an origin that the source allows; it does not authenticate the sender',
    role: 'anyone',
    params: BySource,
    headers: z.object({ 'WebHook-Request-Origin': z.string().optional() }),
    answer: {
      status: 200,
      description: 'Consent; another origin is answered with 405',
      headers: {
        Allow: 'POST',
        'WebHook-Allowed-Origin': 'The origin that may send',
        'WebHook-Allowed-Rate': 'How many a minute; * for any number',
      },
    },
    async handle({ params, headers }) {
      const origin = headers['webhook-request-origin'];
      const source = await recent.find('Source', params.source);
      // The callback address that may come along was chosen by a stranger: it is never called.
      if (origin === undefined || !source?.allowedOrigins.includes(origin))
        throw new HttpError(405, 'this origin is not allowed', { headers: { allow: 'POST' } });
      return {
        headers: { allow: 'POST', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' },
      };
    },
  });
