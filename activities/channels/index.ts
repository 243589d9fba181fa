import type { Message } from '../../domain/message.ts';
import type { ActivityPorts } from '../ports.ts';
import type { Sending, Sent } from './channel.ts';
import { createEmailChannel } from './email.ts';
import { createGateChannel } from './gate.ts';
import { createGatewayChannel } from './gateway.ts';
import { createGithubChannel } from './github.ts';
import { createPagerDutyChannel } from './pagerduty.ts';
import { createSlackChannel } from './slack.ts';
import { createStatuspageChannel } from './statuspage.ts';
import { createTeamsChannel } from './teams.ts';
import { createWebhookChannel } from './webhook.ts';

/** Every way to reach somebody, by the kind of the message. */
export const createChannels = (
  mail: { url: string | undefined; from: string },
  ports: Pick<ActivityPorts, 'egress' | 'secrets' | 'catalogue'>,
): ((message: Message, sending: Sending) => Promise<Sent>) => {
  const email = createEmailChannel(mail);
  const webhook = createWebhookChannel(ports);
  const slack = createSlackChannel(ports);
  const teams = createTeamsChannel(ports);
  const pagerDuty = createPagerDutyChannel(ports);
  const gateway = createGatewayChannel(ports);
  const github = createGithubChannel(ports);
  const gate = createGateChannel(ports);
  const statuspage = createStatuspageChannel(ports);
  return (message, sending) => {
    switch (message.kind) {
      case 'email':
        return email(message, sending);
      case 'webhook':
        return webhook(message, sending);
      case 'slack':
        return slack(message, sending);
      case 'teams':
        return teams(message, sending);
      case 'pagerduty':
        return pagerDuty(message, sending);
      case 'gateway':
        return gateway(message, sending);
      case 'github':
        return github(message, sending);
      case 'gate':
        return gate(message, sending);
      case 'statuspage':
        return statuspage(message, sending);
    }
  };
};
