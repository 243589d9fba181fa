import type { NotificationChannelSpec } from '../../domain/notification.ts';
import type { Message, PagerDutyEvent, AcknowledgeButton } from '../../domain/message.ts';
import type { Severity } from '../../domain/severity.ts';

/** What is said, in all the forms that channels have. */
export interface Said {
  subject: string;
  text: string;
  /** For a small screen, or to be read out. */
  short: string;
  link: string;
  /** As an event for machines. */
  event: string;
  data: Record<string, unknown>;
  /** It is to be worked on and answered: an issue where work is tracked. */
  isIssue?: boolean;
  /** The incident that it is about, if it is about one. */
  incident?: AcknowledgeButton & { severity: Severity; source: string; details: Record<string, unknown> };
}

/** The message in the form of a channel; for one address, or for all that the channel has, each with what tells it apart. */
export const messagesTo = (
  name: string,
  channel: NotificationChannelSpec,
  said: Said,
  address?: string,
): { suffix: string; message: Message }[] => {
  const { subject, text, short, link, event, data, incident, isIssue = false } = said;
  switch (channel.type) {
    case 'email':
      return (address === undefined ? channel.to : [address]).map((to) => ({
        suffix: `/${to}`,
        message: { kind: 'email', to, subject, text },
      }));
    case 'webhook':
      return [{ suffix: '', message: { kind: 'webhook', channel: name, type: event, data } }];
    case 'slack': {
      const button = incident && { incident: incident.incident, round: incident.round };
      const words = { to: address ?? channel.to, subject, text, ...(button ? { button } : {}) };
      return [{ suffix: '', message: { kind: 'slack', channel: name, ...words } }];
    }
    case 'teams':
      return [{ suffix: '', message: { kind: 'teams', channel: name, subject, text, link } }];
    case 'github':
      return isIssue ? [{ suffix: '', message: { kind: 'github', channel: name, subject, text } }] : [];
    // The public reads what is published, and nothing that is said to stakeholders.
    case 'statuspage':
      return [];
    // PagerDuty takes incidents alone.
    case 'pagerduty':
      return incident ? [{ suffix: '', message: triggerOf(name, subject, link, incident) }] : [];
    case 'gateway':
      return (address === undefined ? channel.to : [address]).map((to) => ({
        suffix: `/${to}`,
        message: { kind: 'gateway', channel: name, to, text: short, incident: String(incident?.incident ?? '') },
      }));
  }
};

const triggerOf = (
  channel: string,
  summary: string,
  link: string,
  { incident, severity, source, details }: NonNullable<Said['incident']>,
): Message => {
  const event: PagerDutyEvent = { summary, severity, source, link, details };
  return { kind: 'pagerduty', channel, incident, action: 'trigger', event };
};
