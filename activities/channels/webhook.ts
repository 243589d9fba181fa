import { Webhook } from 'standardwebhooks';
import type { ActivityPorts } from '../ports.ts';
import { retryAfterMs } from '../retry-after.ts';
import type { Channel, Sent } from './channel.ts';
import { mayHaveArrived } from './repeat.ts';

const timeoutMs = 10_000;

/** A thin CloudEvent, signed by the Standard Webhooks scheme; the id is equal on every attempt. */
export const createWebhookChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'webhook'> =>
  async ({ channel: name, type, data }, { key, createdAt, idOf }) => {
    const channel = await catalogue.find('NotificationChannel', name);
    if (channel?.type !== 'webhook') return { sent: false, fault: 'receiver', detail: `there is no webhook ${name}` };
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
    if (!reply.sent)
      return reply.refused || isUntrusted(reply.reason)
        ? ours(reply.reason)
        : { sent: false, fault: 'passing', detail: reply.reason, isInDoubt: mayHaveArrived(reply.reason) };
    if (reply.status >= 200 && reply.status < 300) return { sent: true, detail: `status ${reply.status}` };
    const detail = `status ${reply.status}`;
    if (reply.status === 410) return { sent: false, fault: 'receiver', detail };
    // It does not believe who we are, whatever we send.
    if ([401, 403, 407].includes(reply.status)) return ours(detail);
    return { sent: false, fault: 'passing', detail, retryAfterMs: retryAfterMs(reply.headers, now.getTime()) };
  };

const ours = (detail: string): Sent => ({ sent: false, fault: 'installation', concerns: 'channel', detail });

/** Nobody that is trusted here vouches for the receiver: its `authority` is to be named. */
const isUntrusted = (reason: string): boolean => /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(reason);

/** Undefined when the secret is malformed: somebody can mend it, and the message waits for it. */
const signerOf = (secret: string): Webhook | undefined => {
  try {
    return new Webhook(secret);
  } catch {
    return undefined;
  }
};
