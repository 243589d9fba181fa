import { z } from 'zod';
import type { AlertFact, AlertReading } from '../alert.ts';
import { readAs } from '../json.ts';
import { instantOf, keyOf, maybeText, maybeTexts, readEach, severityOf, Texts, titleOf } from './reading.ts';

const Group = z.object({ alerts: z.array(z.unknown()).max(10_000) });

const GroupedAlert = z.object({
  status: z.string(),
  labels: Texts,
  annotations: maybeTexts,
  startsAt: maybeText,
  endsAt: maybeText,
  generatorURL: maybeText,
  fingerprint: z.string().min(1).max(200),
});

/** One alert of a webhook of Alertmanager or of Grafana, which writes the same with more in it. */
export type GroupedAlert = z.infer<typeof GroupedAlert>;

/**
 * The alerts of such a webhook. Each has a status of its own, whatever its group's is. The fingerprint is the identity; one that is
 * missing from its group has not ended, and `startsAt` may move to an earlier time within one firing.
 */
export const readGroup = (
  envelope: unknown,
  receivedAt: string,
  more: (alert: GroupedAlert, one: unknown) => Partial<AlertFact>,
): AlertReading => {
  const { facts, notes } = readEach(
    readAs(Group, envelope).alerts,
    (at) => `alerts.${at}`,
    (one) => {
      const alert = readAs(GroupedAlert, one);
      return { ...factOf(alert, receivedAt), ...more(alert, one) };
    },
  );
  return { alerts: facts, changes: [], notes };
};

const factOf = (alert: GroupedAlert, receivedAt: string): AlertFact => {
  const { status, labels, annotations, fingerprint } = alert;
  const isResolved = status === 'resolved';
  const endedAt = isResolved ? (instantOf(alert.endsAt) ?? receivedAt) : undefined;
  return {
    key: keyOf(fingerprint),
    // A status that nobody knows is no reason to believe that all is well.
    status: isResolved ? 'resolved' : 'firing',
    title: titleOf(annotations['summary'], labels['alertname']),
    severity: severityOf(labels['severity']),
    startedAt: instantOf(alert.startsAt) ?? endedAt ?? receivedAt,
    endedAt,
    labels,
    annotations,
  };
};
