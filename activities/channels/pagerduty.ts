import type { Message } from '../../domain/message.ts';
import type { Severity } from '../../domain/severity.ts';
import { keepable } from '../../domain/text.ts';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, sentBy, timeoutMs } from './answer.ts';
import type { Channel } from './channel.ts';

/** PagerDuty takes 512 KB; it asks for some time when it is told too much. */
const mostBytes = 400 * 1024;
const leastWaitMs = 30_000;

const severities: Record<Severity, 'critical' | 'error' | 'warning' | 'info'> = {
  'SEV-1': 'critical',
  'SEV-2': 'critical',
  'SEV-3': 'error',
  'SEV-4': 'warning',
  'SEV-5': 'info',
};

/** An event of version 2. Its `dedup_key` is the incident: told twice, it is one alert there, which is acknowledged and resolved with ours. */
export const createPagerDutyChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'pagerduty'> =>
  async (message) => {
    const channel = await catalogue.find('NotificationChannel', message.channel);
    if (channel?.type !== 'pagerduty') return noChannel('PagerDuty channel', message.channel);
    const key = await secrets.get(channel.routingKey);
    if (key === undefined) return ours(`there is no secret ${channel.routingKey}`);
    const reply = await egress.send({
      method: 'POST',
      url: `${channel.api}/v2/enqueue`,
      headers: { 'content-type': 'application/json' },
      body: bodyOf(message, key),
      timeoutMs,
      authority: channel.authority,
    });
    const sent = sentBy(reply);
    if (!reply.sent || reply.status !== 429 || sent.sent || sent.fault !== 'passing') return sent;
    return { ...sent, retryAfterMs: Math.max(leastWaitMs, sent.retryAfterMs ?? 0) };
  };

/** Details are left out before the summary is cut. */
const bodyOf = ({ action, incident, event }: Extract<Message, { kind: 'pagerduty' }>, key: string): string => {
  const head = { routing_key: key, event_action: action, dedup_key: `incident/${incident}` };
  if (!event) return JSON.stringify(head);
  const { summary, severity, source, link, details } = event;
  const payload = { summary: keepable(summary, 1024), source, severity: severities[severity] };
  const links = [{ href: link, text: `Incident ${incident}` }];
  const trigger = { ...head, client: 'Evenkeel', client_url: link, links };
  const whole = JSON.stringify({ ...trigger, payload: { ...payload, custom_details: details } });
  return Buffer.byteLength(whole) <= mostBytes ? whole : JSON.stringify({ ...trigger, payload });
};
