import { Webhook } from 'standardwebhooks';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, sentBy, timeoutMs } from './answer.ts';
import type { Channel } from './channel.ts';

/** A thin CloudEvent, signed by the Standard Webhooks scheme; the id is equal on every attempt. */
export const createWebhookChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'webhook'> =>
  async ({ channel: name, type, data }, { key, createdAt, idOf }) => {
    const channel = await catalogue.find('NotificationChannel', name);
    if (channel?.type !== 'webhook') return noChannel('webhook', name);
    const secret = await secrets.get(channel.secret);
    if (secret === undefined) return ours(`there is no secret ${channel.secret}`);
    const signer = signerOf(secret);
    if (!signer) return ours('a signing secret has to be whsec_ followed by base64');
    const id = `msg_${idOf(key)}`;
    const body = JSON.stringify({
      specversion: '1.0',
      id,
      source: '/evenkeel',
      type,
      time: createdAt,
      datacontenttype: 'application/json',
      data,
    });
    const now = new Date();
    const reply = await egress.send({
      method: 'POST',
      url: channel.url,
      body,
      timeoutMs,
      authority: channel.authority,
      headers: {
        'content-type': 'application/cloudevents+json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signer.sign(id, now, body),
      },
    });
    return sentBy(reply);
  };

/** Undefined when the secret is malformed: somebody can mend it, and the message waits for it. */
const signerOf = (secret: string): Webhook | undefined => {
  try {
    return new Webhook(secret);
  } catch {
    return undefined;
  }
};
