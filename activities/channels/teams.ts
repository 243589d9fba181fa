import { keepable } from '../../domain/text.ts';
import type { ActivityPorts } from '../ports.ts';
import { noChannel, ours, sentBy, timeoutMs } from './answer.ts';
import type { Channel } from './channel.ts';

/** Teams takes 28 KB. */
const mostText = 8_000;

/** An Adaptive Card for a workflow that posts cards. Without a bot it can only link to where somebody acts. */
export const createTeamsChannel =
  ({ egress, secrets, catalogue }: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>): Channel<'teams'> =>
  async ({ channel: name, subject, text, link }) => {
    const channel = await catalogue.find('NotificationChannel', name);
    if (channel?.type !== 'teams') return noChannel('Teams channel', name);
    const url = await secrets.get(channel.url);
    if (url === undefined) return ours(`there is no secret ${channel.url}`);
    const card = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.5',
      body: [
        // A TextRun shows words as they are; a TextBlock would read them as Markdown.
        { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: subject, weight: 'Bolder', size: 'Large' }] },
        { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: keepable(text, mostText) }] },
      ],
      actions: [{ type: 'Action.OpenUrl', title: 'Open in Evenkeel', url: link }],
    };
    const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }];
    const reply = await egress.send({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'message', attachments }),
      timeoutMs,
      authority: channel.authority,
    });
    return sentBy(reply);
  };
