import { reportReference, signalReference } from '../../domain/identifiers.ts';
import type { ImprovementSignal } from '../../domain/improvement-signal.ts';
import type { PerformanceReport } from '../../domain/performance-report.ts';
import { reportToMarkdown } from '../../domain/performance-report/markdown.rules.ts';
import { messagesTo } from '../notification/channel-message.ts';
import type { ActivityPorts } from '../ports.ts';
import { signalText, signalTitle } from './mail.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'outbox' | 'publicUrl'>;

/** To the stakeholders of its service, to the people of its team, and to whoever ordered it. */
export const sendReport = async ({ catalogue, outbox, publicUrl }: Ports, report: PerformanceReport): Promise<void> => {
  const { id, scope, title, orderedBy, period, isSent } = report;
  const belongsTo = reportReference(id);
  const markdown = reportToMarkdown(report);
  const link = `${publicUrl}/v1/performance-reports/${id}`;
  const text = `${markdown}\nAs a page with charts: evenkeel report open ${id}\n`;
  const data = { report: id, scope, period, link };
  const service = scope.service === undefined ? undefined : await catalogue.find('Service', scope.service);
  for (const name of isSent ? (service?.stakeholders ?? []) : []) {
    const channel = await catalogue.find('NotificationChannel', name);
    if (!channel) continue;
    const said = { subject: title, text, short: `${title} ${link}`, link, event: 'evenkeel.report.written', data };
    for (const { suffix, message } of messagesTo(name, channel, said))
      await outbox.put(`${belongsTo}/${name}${suffix}`, belongsTo, message);
  }
  const team = scope.team === undefined ? undefined : await catalogue.find('Team', scope.team);
  const people = new Set([
    ...(isSent ? (team?.members.map(({ person }) => person) ?? []) : []),
    ...(orderedBy.type === 'person' ? [orderedBy.name] : []),
  ]);
  for (const person of people) {
    const known = await catalogue.find('Person', person);
    if (known)
      await outbox.put(`${belongsTo}/${person}`, belongsTo, { kind: 'email', to: known.email, subject: title, text });
  }
};

/** To the channels that its team has for signals: an event for machines, an issue where work is tracked. */
export const sendSignal = async ({ catalogue, outbox, publicUrl }: Ports, signal: ImprovementSignal): Promise<void> => {
  const belongsTo = signalReference(signal.id);
  const team = await catalogue.find('Team', signal.team);
  const [subject, text] = [signalTitle(signal), signalText(signal)];
  const link = `${publicUrl}/v1/improvement-signals/${signal.id}`;
  for (const name of team?.signals ?? []) {
    const channel = await catalogue.find('NotificationChannel', name);
    if (!channel) continue;
    const said = {
      subject,
      text,
      short: `${subject} ${link}`,
      link,
      event: 'io.evenkeel.signal.raised',
      data: { ...signal, link },
      isIssue: true,
    };
    for (const { suffix, message } of messagesTo(name, channel, said))
      await outbox.put(`${belongsTo}/${name}${suffix}`, belongsTo, message);
  }
};
