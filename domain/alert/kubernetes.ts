import { z } from 'zod';
import type { AlertFact, ReadAlerts } from '../alert.ts';
import { DomainError } from '../errors.ts';
import { jsonOf, readAs, readText } from '../json.ts';
import { instantOf, keptTexts, keyOf, maybeText, readEach, titleOf } from './reading.ts';

const Involved = z.object({
  kind: maybeText,
  namespace: maybeText,
  name: maybeText,
  uid: maybeText,
  apiVersion: maybeText,
  fieldPath: maybeText,
});
const count = z.int().positive().optional().catch(undefined);

/** One object in two spellings: `events.k8s.io/v1`, and `v1` before it. Exporters leave out which of them it is. */
const KubernetesEvent = z
  .object({
    regarding: Involved.optional(),
    involvedObject: Involved.optional(),
    reason: z.string(),
    type: maybeText,
    note: maybeText,
    message: maybeText,
    action: maybeText,
    eventTime: maybeText,
    lastTimestamp: maybeText,
    deprecatedLastTimestamp: maybeText,
    series: z.object({ count, lastObservedTime: maybeText }).catch({}),
    count,
    deprecatedCount: count,
    metadata: z.object({ creationTimestamp: maybeText }).catch({}),
    reportingController: maybeText,
    reportingComponent: maybeText,
  })
  .refine(({ regarding, involvedObject }) => regarding ?? involvedObject, 'expected an Event of Kubernetes');
type KubernetesEvent = z.infer<typeof KubernetesEvent>;

const mostEvents = 10_000;
const Items = z.array(z.unknown()).max(mostEvents);

/**
 * Events of Kubernetes: one, a list, or one on each line. The API itself calls them best-effort, so the worst that one of them
 * says is that it is a warning.
 */
export const readKubernetes: ReadAlerts = (body, receivedAt) => {
  const { placeOf, events } = eventsIn(readText(body));
  const { facts, notes } = readEach(events, placeOf, (written) => {
    const event = readAs(KubernetesEvent, written());
    return factOf(event, event.regarding ?? event.involvedObject!, receivedAt);
  });
  return { alerts: facts, changes: [], notes };
};

interface Written {
  placeOf: (at: number) => string;
  events: (() => unknown)[];
}

const eventsIn = (text: string): Written => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const whole = lines.length <= 1 ? jsonOf(text) : valueOf(text);
  if (whole === undefined) return eventsOnLines(lines);
  const list = z.object({ items: z.array(z.unknown()) }).safeParse(whole).data?.items ?? whole;
  return Array.isArray(list)
    ? { placeOf: (at) => `items.${at}`, events: readAs(Items, list).map((event) => () => event) }
    : { placeOf: () => 'event', events: [() => whole] };
};

const eventsOnLines = (lines: readonly string[]): Written => {
  if (lines.length > mostEvents) throw new DomainError('invalid', `expected at most ${mostEvents} events`);
  return { placeOf: (at) => `line ${at + 1}`, events: lines.map((line) => () => jsonOf(line)) };
};

/** Undefined when the text as a whole is no JSON, as where each of its lines is. */
const valueOf = (text: string): unknown => {
  try {
    return jsonOf(text);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};

/** Types are an open set. A type that nobody knows makes nothing worse. */
const severities = new Map([
  ['Normal', 'info'],
  ['Warning', 'warning'],
]);

const factOf = (event: KubernetesEvent, involved: z.infer<typeof Involved>, receivedAt: string): AlertFact => {
  const { reason, type = 'Normal', action } = event;
  const { uid, kind, namespace, name, fieldPath } = involved;
  const note = event.note || event.message;
  return {
    // Without the event's own uid: what is repeated, or seen again after the hour that events live, is one alert.
    key: keyOf(JSON.stringify([uid, kind, namespace, name, reason])),
    status: 'firing',
    title: titleOf(note ? `${reason}: ${note}` : reason, [kind, name].join(' ')),
    severity: severities.get(type) ?? 'info',
    startedAt: lastSeen(event) ?? receivedAt,
    labels: keptTexts({
      kind,
      namespace,
      name,
      reason,
      type,
      action,
      controller: event.reportingController || event.reportingComponent,
    }),
    annotations: keptTexts({
      note,
      uid,
      fieldPath,
      count: event.series.count ?? event.deprecatedCount ?? event.count ?? 1,
    }),
  };
};

/** When it was last seen: recorders fill in some of these times, and a repeated event moves one of them. */
const lastSeen = (event: KubernetesEvent): string | undefined => {
  const { eventTime, lastTimestamp, deprecatedLastTimestamp, series, metadata } = event;
  return (
    [eventTime, lastTimestamp, deprecatedLastTimestamp, series.lastObservedTime]
      .flatMap((text) => instantOf(text) ?? [])
      .toSorted()
      .at(-1) ?? instantOf(metadata.creationTimestamp)
  );
};
