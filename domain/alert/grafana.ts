import { z } from 'zod';
import type { AlertFact, ReadAlerts } from '../alert.ts';
import { DomainError } from '../errors.ts';
import { readSome } from '../json.ts';
import { type GroupedAlert, readGroup } from './group.ts';
import { httpLink, keptTexts, maybeText, maybeTexts, titleOf } from './reading.ts';

const Envelope = z.object({
  version: z.literal('1'),
  truncatedAlerts: z.number().positive().optional().catch(undefined),
});

/** What Grafana says of an alert beyond what Alertmanager does. */
const More = z.object({
  dashboardURL: maybeText,
  panelURL: maybeText,
  values: maybeTexts,
  valueString: maybeText,
});

/** Alerts about a rule that could not be evaluated; the rule's own name is in another label then. */
const gaps = new Set(['DatasourceNoData', 'DatasourceError']);

/** The webhook of Grafana Alerting, version 1. Private labels are removed before it is sent, so only its fingerprint counts. */
export const readGrafana: ReadAlerts = (body, receivedAt) => {
  const written = readSome(body);
  const envelope = Envelope.safeParse(written);
  if (!envelope.success)
    throw new DomainError(
      'invalid',
      'expected the webhook of Grafana Alerting, version 1: leave the custom payload of the contact point empty',
    );
  const { truncatedAlerts } = envelope.data;
  const { notes, ...read } = readGroup(written, receivedAt, (alert, one) => moreOf(alert, More.parse(one)));
  const leftOut = truncatedAlerts && `the sender left out ${truncatedAlerts} alerts: unset Max Alerts`;
  return { ...read, notes: [...(leftOut ? [leftOut] : []), ...notes, ...testNotes(read.alerts)] };
};

const moreOf = (
  { labels, annotations, generatorURL }: GroupedAlert,
  { dashboardURL, panelURL, values, valueString }: z.infer<typeof More>,
): Partial<AlertFact> => {
  const { alertname = '', rulename } = labels;
  const measured = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const isGap = gaps.has(alertname);
  return {
    title: isGap && rulename ? titleOf(`${alertname}: ${rulename}`) : titleOf(annotations['summary'], alertname),
    // What the rule's author wrote under these names goes first.
    annotations: keptTexts({ values: measured.join(', '), valueString, ...annotations }),
    link: httpLink(generatorURL, dashboardURL, panelURL),
    ...(isGap ? { isMonitoringGap: true } : {}),
  };
};

/** The test button of a contact point sends an alert like any other. Whoever pressed it looks here for whether it arrived. */
const testNotes = (alerts: readonly AlertFact[]): string[] =>
  alerts.some(({ labels }) => labels['alertname'] === 'TestAlert' && labels['instance'] === 'Grafana')
    ? ['this looks like the test of a contact point']
    : [];
