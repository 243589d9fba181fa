import { z } from 'zod';
import { DomainError } from '../errors.ts';
import { readAs, readSome } from '../json.ts';
import type { AlertFact, ReadAlerts } from '../alert.ts';
import { httpLink, instantOf, keptTexts, titleOf } from './reading.ts';

const Labels = z.record(z.string(), z.string());

/** The labels and annotations of an alert, as both Alertmanager and Grafana send it. */
const Alert = z.looseObject({
  status: z.string(),
  labels: Labels,
  annotations: Labels.default({}),
  startsAt: z.string().optional(),
  endsAt: z.string().optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().min(1).max(200),
});

const Envelope = z.looseObject({
  version: z.string(),
  groupKey: z.string().optional(),
  truncatedAlerts: z.number().optional(),
  alerts: z.array(z.unknown()).max(10_000),
});

/**
 * The webhook of Alertmanager, version 4. Its fingerprint is the identity; an alert that is missing from its group has not ended,
 * and `startsAt` may move to an earlier time within one firing.
 */
export const readAlertmanager: ReadAlerts = (body, receivedAt) => {
  const envelope = Envelope.safeParse(readSome(body));
  if (!envelope.success || envelope.data.version !== '4')
    throw new DomainError(
      'invalid',
      'expected the webhook of Alertmanager, version 4: leave `payload` of the webhook_config unset',
    );
  const { alerts: given, truncatedAlerts = 0 } = envelope.data;
  const notes = truncatedAlerts > 0 ? [`${truncatedAlerts} alerts were left out by the sender: unset max_alerts`] : [];
  const alerts: AlertFact[] = [];
  for (const [at, one] of given.entries()) {
    const read = Alert.safeParse(one);
    if (read.success) alerts.push(factOf(read.data, receivedAt));
    else notes.push(`alerts.${at}: ${read.error.issues[0]?.path.join('.')}: ${read.error.issues[0]?.message}`);
  }
  // A body in which nothing can be read is a mistake of whoever set it up.
  if (alerts.length === 0 && given.length > 0) readAs(Alert, given[0]);
  return { alerts, changes: [], notes };
};

const factOf = (alert: z.infer<typeof Alert>, receivedAt: string): AlertFact => {
  const { status, labels, annotations, fingerprint, generatorURL } = alert;
  const link = httpLink(generatorURL);
  const endedAt = instantOf(alert.endsAt);
  const isResolved = status === 'resolved';
  return {
    key: fingerprint,
    status: isResolved ? 'resolved' : 'firing',
    title: titleOf(annotations['summary'], labels['alertname'], 'alert'),
    ...(labels['severity'] === undefined ? {} : { severity: labels['severity'].slice(0, 100) }),
    startedAt: instantOf(alert.startsAt) ?? receivedAt,
    ...(isResolved ? { endedAt: endedAt ?? receivedAt } : {}),
    labels: keptTexts(labels),
    annotations: keptTexts(annotations),
    ...(link === undefined ? {} : { link }),
  };
};
