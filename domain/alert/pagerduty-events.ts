import { z } from 'zod';
import type { AlertFact, AlertReading, ReadAlerts } from '../alert.ts';
import { digestOf, sha256 } from '../digest.ts';
import { DomainError } from '../errors.ts';
import { readSome } from '../json.ts';
import { keepable } from '../text.ts';
import {
  httpLink,
  instantOf,
  keptTexts,
  keyOf,
  lineOf,
  maybeText,
  maybeTexts,
  severityOf,
  titleOf,
} from './reading.ts';

/** A body that PagerDuty refuses as well, with the list of reasons that its clients expect. */
export class PagerDutyRefusal extends DomainError {
  readonly errors: readonly string[];

  constructor(errors: readonly string[], field: string | undefined) {
    super('invalid', errors.join('; '), field);
    this.errors = errors;
  }
}

const mostLinks = 100;

const required = z.string('is missing or is no text').min(1, 'is blank');
const href = z
  .object({ href: z.string() })
  .transform((link) => link.href)
  .optional()
  .catch(undefined);

/** What is about the event rather than in its payload. */
const about = {
  client: maybeText,
  client_url: maybeText,
  links: z
    .array(href)
    .catch([])
    .transform((links) => links.slice(0, mostLinks)),
};
const Details = z.object({
  summary: maybeText,
  source: maybeText,
  severity: maybeText,
  timestamp: maybeText,
  component: maybeText,
  group: maybeText,
  class: maybeText,
  custom_details: maybeTexts,
});
const nothing = Details.parse({});

const dedupKey = required.max(255, 'is longer than 255 characters');
const Trigger = z.object({
  ...about,
  event_action: z.literal('trigger'),
  dedup_key: z.literal('').or(dedupKey).nullish(),
  payload: Details.extend({ summary: required, source: required, severity: required }),
});
/** The other actions speak of an alert that is there, by its key; they may have a payload, which nobody demands. */
const FollowUp = z.object({
  ...about,
  event_action: z.enum(['acknowledge', 'resolve']),
  dedup_key: dedupKey,
  payload: Details.catch(nothing),
});
const AlertEvent = z.discriminatedUnion('event_action', [Trigger, FollowUp], {
  error: 'is not one of trigger, acknowledge and resolve',
});
type AlertEvent = z.infer<typeof AlertEvent>;

const ChangeEvent = z.object({ links: about.links, payload: Details.extend({ summary: required }) });

/** The key that says who sends: the one part of a body that is read before anybody is known. */
export const routingKeyOf = (body: Uint8Array): string | undefined =>
  z.object({ routing_key: z.string().min(1).max(200) }).safeParse(readSome(body)).data?.routing_key;

/**
 * An event as monitors send it to PagerDuty. A trigger without a key opens a new alert each time: it gets the key that was
 * `generated` for it, which the sender is told.
 */
export const readPagerDutyEvent = (body: Uint8Array, receivedAt: string, generated: string): AlertReading => {
  const event = readOrRefuse(AlertEvent, body);
  return { alerts: [factOf(event, receivedAt, generated)], changes: [], notes: [] };
};

const Kept = z.object({ received_at: z.iso.datetime({ precision: 3 }) });

/**
 * An event as it was kept, with the key that it got and the instant at which it came. That instant is when its alert begins or ends: most
 * monitors say no time, and what one of them says of a trigger would be compared with our clock's of the end.
 */
export const readKeptPagerDutyEvent: ReadAlerts = (body, receivedAt) => {
  const at = Kept.safeParse(readSome(body)).data?.received_at ?? receivedAt;
  const { alerts, ...reading } = readPagerDutyEvent(body, at, '');
  const kept = alerts.map(({ startedAt, endedAt, annotations, ...fact }) => ({
    ...fact,
    startedAt: at,
    ...(endedAt === undefined ? {} : { endedAt: at }),
    annotations: startedAt === at ? annotations : { ...annotations, timestamp: startedAt },
  }));
  return { ...reading, alerts: kept };
};

/** A change event: evidence for what came after it, and never a page. */
export const readPagerDutyChange: ReadAlerts = (body, receivedAt) => {
  const { payload, links } = readOrRefuse(ChangeEvent, body);
  const { service, environment } = payload.custom_details;
  const at = instantOf(payload.timestamp) ?? receivedAt;
  const change = {
    // The same bytes at another time are another change.
    key: digestOf([sha256(body), at]),
    summary: lineOf(1_024, payload.summary) ?? 'change',
    at,
    service: lineOf(200, service),
    environment: lineOf(200, environment),
    link: httpLink(...links),
  };
  return { alerts: [], changes: [change], notes: [] };
};

const statuses = { trigger: 'firing', acknowledge: 'acknowledged', resolve: 'resolved' } as const;

const factOf = (event: AlertEvent, receivedAt: string, generated: string): AlertFact => {
  const { payload, client, client_url, links } = event;
  const { component, group, class: kind, source, custom_details: details } = payload;
  const own = { component, group, class: kind, source };
  const at = instantOf(payload.timestamp) ?? receivedAt;
  return {
    key: keyOf(event.dedup_key || generated),
    status: statuses[event.event_action],
    title: titleOf(payload.summary, event.dedup_key ?? undefined),
    severity: severityOf(payload.severity),
    startedAt: at,
    ...(event.event_action === 'resolve' ? { endedAt: at } : {}),
    // PagerDuty's own fields come first where there are too many, and no detail of the same name hides one.
    labels: keptTexts({ ...own, ...details, ...keptTexts(own) }),
    annotations: keptTexts({ client }),
    link: httpLink(client_url, ...links),
  };
};

const readOrRefuse = <Schema extends z.ZodType>(schema: Schema, body: Uint8Array): z.output<Schema> => {
  const read = schema.safeParse(readSome(body));
  if (read.success) return read.data;
  const issues = read.error.issues
    .slice(0, 10)
    .map(({ path, message }) => ({ field: path.map(String).join('.'), message }));
  const errors = issues.map(({ field, message }) => (field === '' ? message : `'${field}' ${message}`));
  throw new PagerDutyRefusal(
    errors.map((text) => keepable(text, 500)),
    issues[0]?.field || undefined,
  );
};
