import { z } from 'zod';
import type { AlertFact, ReadAlerts } from '../alert.ts';
import { digestOf } from '../digest.ts';
import { readAs, readSome } from '../json.ts';
import { httpLink, instantOf, maybeText, maybeTexts, readEach, severityOf, Texts, titleOf } from './reading.ts';

const Alerts = z
  .array(z.unknown(), 'expected an array of alerts, as Prometheus sends it')
  .max(10_000, 'expected at most 10000 alerts');

const Alert = z.object({
  labels: Texts.refine((labels) => Object.keys(labels).length > 0, 'expected at least one label that is not empty'),
  annotations: maybeTexts,
  startsAt: maybeText,
  endsAt: maybeText,
  generatorURL: maybeText,
});

/** What Prometheus sends to Alertmanager's API, version 2: the state of each alert, once more every minute. */
export const readPrometheus: ReadAlerts = (body, receivedAt) => {
  const given = readAs(Alerts, readSome(body));
  const { facts, notes } = readEach(given, String, (one) => factOf(readAs(Alert, one), receivedAt));
  return { alerts: facts, changes: [], notes };
};

/**
 * The identity of an alert that has no fingerprint: its labels, in any order. The label by which the two servers of a pair differ
 * goes `without`, or there would be two of everything.
 */
export const labelKey = (labels: Readonly<Record<string, string>>, without: readonly string[] = []): string =>
  digestOf(Object.fromEntries(Object.entries(labels).filter(([name, text]) => text !== '' && !without.includes(name))));

const factOf = (alert: z.infer<typeof Alert>, receivedAt: string): AlertFact => {
  const { labels, annotations, generatorURL } = alert;
  const endsAt = instantOf(alert.endsAt);
  const hasEnded = endsAt !== undefined && Date.parse(endsAt) <= Date.parse(receivedAt);
  return {
    key: labelKey(labels),
    status: hasEnded ? 'resolved' : 'firing',
    title: titleOf(annotations['summary'], labels['alertname']),
    severity: severityOf(labels['severity']),
    // What still fires has begun by now, however long it stays valid.
    startedAt: instantOf(alert.startsAt) ?? (hasEnded ? endsAt : receivedAt),
    ...(hasEnded ? { endedAt: endsAt } : { expiresAt: endsAt }),
    labels,
    annotations,
    link: httpLink(generatorURL),
  };
};
