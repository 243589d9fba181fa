import { z } from 'zod';
import { jsonOrNothing } from '../../domain/json.ts';
import type { Message, SlackButton } from '../../domain/message.ts';
import { keepable } from '../../domain/text.ts';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, sentBy, timeoutMs } from './answer.ts';
import type { Channel, Sent } from './channel.ts';

const [mostHeader, mostText] = [150, 3_000];

const Answer = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
});

/** A message of a bot; what follows of the same record is an answer in its thread. Slack knows no keys, so a repeat is marked. */
export const createSlackChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'slack'> =>
  async (message, { firstId }) => {
    const channel = await catalogue.find('NotificationChannel', message.channel);
    if (channel?.type !== 'slack') return noChannel('Slack channel', message.channel);
    const token = await secrets.get(channel.token);
    if (token === undefined) return ours(`there is no secret ${channel.token}`);
    const reply = await egress.send({
      method: 'POST',
      url: `${channel.api}/${message.only === undefined ? 'chat.postMessage' : 'chat.postEphemeral'}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ ...placeOf(message, await firstId()), ...wordsOf(message) }),
      timeoutMs,
      authority: channel.authority,
    });
    const sent = sentBy(reply);
    return sent.sent && reply.sent ? said(reply.body) : sent;
  };

/** What was sent first is named `<conversation>/<ts>`: a person's conversation has another id than the person. */
const placeOf = ({ to, only, button }: Extract<Message, { kind: 'slack' }>, first: string | undefined) => {
  if (only !== undefined) return { channel: to, user: only };
  const [conversation, thread] = first?.split('/') ?? [];
  return {
    channel: conversation ?? to,
    ...(thread === undefined ? {} : { thread_ts: thread, reply_broadcast: button !== undefined }),
  };
};

/** Slack answers 200 to nearly everything, and says in the body what became of it. */
const said = (body: string): Sent => {
  const answer = Answer.safeParse(jsonOrNothing(body)).data;
  if (answer?.ok) return { sent: true, detail: `${answer.channel ?? ''}/${answer.ts ?? ''}` };
  const error = answer?.error ?? 'no answer of Slack';
  if (/auth|token|account_inactive|missing_scope|access_denied|org_login/.test(error)) return ours(error);
  if (/not_found|not_in_channel|is_archived|restricted/.test(error))
    return { sent: false, fault: 'receiver', detail: error };
  return { sent: false, fault: 'passing', detail: error };
};

/** The words of others are shown as they are: they neither mention people nor become links. */
const plain = (text: string) => ({ type: 'plain_text', text: keepable(text, mostText), emoji: false });

const wordsOf = ({ channel, subject, text, button }: Extract<Message, { kind: 'slack' }>) => ({
  text: escaped(subject),
  unfurl_links: false,
  unfurl_media: false,
  blocks: [
    { type: 'header', text: plain(keepable(subject, mostHeader)) },
    { type: 'section', text: plain(text) },
    ...(button
      ? [
          {
            type: 'actions',
            block_id: `evenkeel/${channel}`,
            elements: [elementOf(button)],
          },
        ]
      : []),
  ],
});

const elementOf = (button: SlackButton) =>
  'approval' in button
    ? {
        type: 'button',
        action_id: 'approve',
        text: plain('Approve'),
        value: JSON.stringify(button),
        confirm: {
          title: plain('Approve this?'),
          text: plain('Your vote is bound to exactly what is shown here.'),
          confirm: plain('Approve'),
          deny: plain('Not yet'),
        },
      }
    : {
        type: 'button',
        action_id: 'acknowledge',
        style: 'primary',
        text: plain('Acknowledge'),
        value: `${button.incident}.${button.round}`,
      };

const escaped = (text: string): string =>
  keepable(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'), mostText);
