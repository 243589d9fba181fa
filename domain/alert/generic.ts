import { z } from 'zod';
import { AlertSeverity } from './severity.ts';
import { type AlertFact, EventClass, type ReadAlerts } from '../alert.ts';
import { digestOf } from '../digest.ts';
import { DomainError } from '../errors.ts';
import { readAs, readSome } from '../json.ts';
import { Name } from '../name.ts';
import { line } from '../line.ts';
import { httpLink, instantOf, keptTexts, keyOf } from './reading.ts';

const [mostTexts, mostFields] = [100, 50];
const tooManyTexts = `expected at most ${mostTexts} entries`;
const texts = z
  .record(
    z.string().min(1).max(200),
    z.union([z.string().max(4_000), z.number(), z.boolean()], 'expected a text, a number, true or false'),
  )
  .refine((given) => Object.keys(given).length <= mostTexts, tooManyTexts)
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

/** The same, before anything is looked at one by one. */
const Unread = z.strictObject({ events: z.array(z.unknown()).min(1).max(1_000) });

/** How much stands in it, at the first level. */
const sizeOf = (given: unknown): number => {
  if (Array.isArray(given)) return given.length;
  return typeof given === 'object' && given !== null ? Object.keys(given).length : 0;
};

/** A schema has something to say of every entry: what has too many of them is refused before it is asked. */
const refuseMany = (given: unknown, place: readonly (string | number)[]): void => {
  if (sizeOf(given) > mostFields) throw new DomainError('invalid', `an event has at most ${mostFields} fields`);
  const { labels, annotations } = { ...(given as object) } as { labels?: unknown; annotations?: unknown };
  for (const [name, value] of Object.entries({ labels, annotations })) {
    const field = [...place, name].join('.');
    if (sizeOf(value) > mostTexts) throw new DomainError('invalid', `${field}: ${tooManyTexts}`, field);
  }
};

/** Our own format. Whoever writes it can mend it, so one mistake refuses the whole body, by the name of the field. */
export const readReported: ReadAlerts = (body, receivedAt) => {
  const written = readSome(body);
  // A union would only say that neither of the two fits.
  const isBatch = typeof written === 'object' && written !== null && 'events' in written;
  if (isBatch && sizeOf(written) > mostFields) throw new DomainError('invalid', 'a batch has the field events alone');
  const given = isBatch
    ? readAs(Unread, written).events.map((one, at) => ({ one, place: ['events', at] }))
    : [{ one: written, place: [] }];
  const events = given.map(({ one, place }) => {
    refuseMany(one, place);
    return readAs(ReportedEvent, one, place);
  });
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
