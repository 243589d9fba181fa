import { z } from 'zod';
import { Authority } from './evidence.ts';
import { hasNoPassword, headerName } from './http-target.ts';
import { LiquidText } from './liquid.ts';
import { SecretName } from './name.ts';

const Url = z
  .url({ protocol: /^https?$/, error: 'expected an http(s) URL' })
  .max(2000)
  .refine(...hasNoPassword);
const authority = Authority.optional();

/** What a gateway's body may name. */
export const gatewayVariables = ['to', 'text', 'incident'] as const;

/** A way to reach stakeholders, and people who are paged. */
export const NotificationChannelSpec = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('email'), to: z.array(z.email().max(254)).min(1).max(50) }),
    z.strictObject({
      type: z.literal('webhook'),
      url: Url,
      secret: SecretName.meta({ description: 'Signing secret, whsec_…, by the Standard Webhooks scheme' }),
      authority,
    }),
    z.strictObject({
      type: z.literal('slack'),
      token: SecretName.meta({ description: "The bot's token, xoxb-…, with the scope chat:write" }),
      to: z.string().min(1).max(100).meta({ description: 'Id of the conversation, such as C024BE91L' }),
      api: Url.default('https://slack.com/api'),
      authority,
    }),
    z.strictObject({
      type: z.literal('teams'),
      url: SecretName.meta({ description: 'The URL of a workflow that posts cards; whoever has it may post' }),
      authority,
    }),
    z.strictObject({
      type: z.literal('pagerduty'),
      routingKey: SecretName.meta({ description: 'The integration key of a service, Events API version 2' }),
      api: Url.default('https://events.pagerduty.com'),
      authority,
    }),
    z.strictObject({
      type: z.literal('statuspage'),
      page: z.string().max(50).regex(/^\w+$/, 'expected the id of a page').meta({ description: 'Id of the page' }),
      token: SecretName.meta({ description: 'API key of a user who may change the page' }),
      notify: z.boolean().default(false).meta({ description: 'Subscribers hear of each update' }),
      api: Url.default('https://api.statuspage.io'),
      authority,
    }),
    z.strictObject({
      type: z.literal('github'),
      repository: z
        .string()
        .max(140)
        .regex(/^[\w-]+\/[\w.-]+$/, 'expected owner/name')
        .meta({ description: 'owner/name' }),
      token: SecretName.meta({ description: 'A token that may read and write issues there' }),
      labels: z.array(z.string().min(1).max(50)).max(10).default([]).meta({ description: 'What its issues carry' }),
      api: Url.default('https://api.github.com').meta({
        description: 'Of your GitHub Enterprise Server, if it is one',
      }),
      authority,
    }),
    z.strictObject({
      type: z.literal('gateway'),
      url: Url,
      method: z.enum(['POST', 'PUT']).default('POST'),
      headers: z
        .record(
          z.string().max(100).regex(headerName, 'expected the name of a header'),
          z.union([
            z.string().max(2000),
            z.strictObject({ secret: SecretName, prefix: z.string().max(50).default('') }),
          ]),
        )
        .default({})
        .meta({
          description:
            'Values, or secrets; `content-type`, application/json unless said, decides how the values of the body are escaped',
        }),
      body: LiquidText(gatewayVariables, 10_000).meta({
        description:
          'Liquid, with `{{ to }}`, `{{ text }}` and `{{ incident }}`, such as `{"to": "{{ to }}", "text": "{{ text }}"}`',
      }),
      to: z.array(z.string().min(1).max(100)).max(20).default([]).meta({ description: 'Numbers of stakeholders' }),
      most: z
        .int()
        .min(50)
        .max(1600)
        .default(320)
        .meta({ description: 'Characters of the text; the rest is left out' }),
      authority,
    }),
  ])
  .meta({ id: 'NotificationChannelSpec' });
export type NotificationChannelSpec = z.infer<typeof NotificationChannelSpec>;

/** Types that reach one person; the others are for stakeholders alone. */
export const pagingTypes: readonly NotificationChannelSpec['type'][] = ['slack', 'pagerduty', 'gateway', 'webhook'];
