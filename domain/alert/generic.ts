import { z } from 'zod';
import { AlertSeverity } from './severity.ts';
import { type AlertFact, EventClass, type ReadAlerts } from '../alert.ts';
import { digestOf } from '../digest.ts';
import { readAs, readSome } from '../json.ts';
import { Name } from '../name.ts';
import { line } from '../trigger.ts';
import { httpLink, instantOf, keptTexts, keyOf } from './reading.ts';

const texts = z
  .record(
    z.string().min(1).max(200),
    z.union([z.string().max(4_000), z.number(), z.boolean()], 'expected a text, a number, true or false'),
  )
  .refine((given) => Object.keys(given).length <= 100, 'expected at most 100 entries')
  .meta({ description: 'At most 100 names with a text each; numbers and truth values become texts' });

const instant = z.iso.datetime({ offset: true, error: 'expected a time such as 2026-11-28T09:30:00Z' });

/** One event of a sender that has no format of its own. */
export const ReportedEvent = z
  .strictObject({
    key: z.string().min(1).max(1_000).optional().meta({
      description:
        'The same condition on the same thing has one key; without it, one service, environment and title do',
    }),
    status: z
      .enum(['firing', 'resolved'])
      .optional()
      .meta({ description: 'It fires, unless it is said to be resolved' }),
    title: line(300),
    severity: AlertSeverity.optional(),
    service: Name.optional(),
    environment: Name.optional(),
    startedAt: instant.optional(),
    endedAt: instant.optional().meta({ description: 'Of a resolved event alone' }),
    labels: texts.optional(),
    annotations: texts.optional(),
    link: z
      .string()
      .refine((text) => httpLink(text) !== undefined, 'expected a link that begins with http:// or https://')
      .optional()
      .meta({ description: 'A page about it', format: 'uri' }),
    class: EventClass.optional(),
  })
  .refine(({ status, endedAt }) => endedAt === undefined || status === 'resolved', {
    path: ['endedAt'],
    error: 'expected only where status is resolved',
  })
  .refine(({ startedAt, endedAt }) => !startedAt || !endedAt || Date.parse(startedAt) <= Date.parse(endedAt), {
    path: ['endedAt'],
    error: 'expected no time before startedAt',
  })
  .meta({ id: 'ReportedEvent' });
export type ReportedEvent = z.infer<typeof ReportedEvent>;

const Batch = z.strictObject({ events: z.array(ReportedEvent).min(1).max(1_000) });

/** The body of `POST /v1/events`. */
export const ReportedEvents = z.union([ReportedEvent, Batch]).meta({ id: 'ReportedEvents' });

/** Our own format. Whoever writes it can mend it, so one mistake refuses the whole body, by the name of the field. */
export const readReported: ReadAlerts = (body, receivedAt) => {
  const written = readSome(body);
  // A union would only say that neither of the two fits.
  const isBatch = typeof written === 'object' && written !== null && 'events' in written;
  const events = isBatch ? readAs(Batch, written).events : [readAs(ReportedEvent, written)];
  return { alerts: events.map((event) => factOf(event, receivedAt)), changes: [], notes: [] };
};

const factOf = (event: ReportedEvent, receivedAt: string): AlertFact => {
  const { status = 'firing', title, severity, service, environment, labels = {}, annotations = {}, link } = event;
  const endedAt = status === 'resolved' ? (instantOf(event.endedAt) ?? receivedAt) : undefined;
  return {
    key: keyOf(event.key ?? digestOf({ service, environment, title })),
    status,
    title,
    severity,
    startedAt: instantOf(event.startedAt) ?? endedAt ?? receivedAt,
    endedAt,
    labels: keptTexts({ ...(event.class ? { class: event.class } : {}), ...labels }),
    annotations: keptTexts(annotations),
    link,
    service,
    environment,
  };
};
