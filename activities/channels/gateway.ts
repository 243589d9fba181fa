import { type Escape, fillLiquid } from '../../domain/liquid.ts';
import { keepable } from '../../domain/text.ts';
import { hiding } from '../hidden.ts';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, sentBy, timeoutMs } from './answer.ts';
import type { Channel } from './channel.ts';

/** A request in the words of a provider of text messages or calls, with the key as `Idempotency-Key` for those that honour it. */
export const createGatewayChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'gateway'> =>
  async ({ channel: name, to, text, incident }, { key, idOf }) => {
    const channel = await catalogue.find('NotificationChannel', name);
    if (channel?.type !== 'gateway') return noChannel('gateway', name);
    // Without a type it is JSON, and escaped as such.
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    const hidden: string[] = [];
    for (const [header, value] of Object.entries(channel.headers)) {
      const secret = typeof value === 'string' ? undefined : await secrets.get(value.secret);
      if (typeof value !== 'string' && secret === undefined) return ours(`there is no secret ${value.secret}`);
      if (secret !== undefined) hidden.push(secret);
      headers[header.toLowerCase()] = typeof value === 'string' ? value : `${value.prefix}${secret}`;
    }
    const values = { to, text: keepable(text, channel.most), incident };
    const body = fillLiquid(channel.body, values, escapeFor(headers['content-type']!));
    if (body === undefined) return ours('the template of its body takes too long or too much');
    const reply = await egress.send({
      method: channel.method,
      url: channel.url,
      headers: { ...headers, 'idempotency-key': idOf(key) },
      body,
      timeoutMs,
      authority: channel.authority,
    });
    const sent = sentBy(reply);
    return { ...sent, detail: hiding(hidden)(sent.detail) };
  };

const escapeFor = (contentType: string): Escape => {
  if (/json/i.test(contentType)) return 'json';
  if (/x-www-form-urlencoded/i.test(contentType)) return 'form';
  return /xml/i.test(contentType) ? 'xml' : 'none';
};
