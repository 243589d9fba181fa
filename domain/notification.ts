import { z } from 'zod';
import { Authority } from './evidence.ts';
import { hasNoPassword } from './http-target.ts';
import { SecretName } from './name.ts';

/** A way to reach stakeholders. */
export const NotificationChannelSpec = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('email'), to: z.array(z.email().max(254)).min(1).max(50) }),
    z.strictObject({
      type: z.literal('webhook'),
      url: z
        .url({ protocol: /^https?$/, error: 'expected an http(s) URL' })
        .max(2000)
        .refine(...hasNoPassword),
      secret: SecretName.meta({ description: 'Signing secret, whsec_…, by the Standard Webhooks scheme' }),
      authority: Authority.optional(),
    }),
  ])
  .meta({ id: 'NotificationChannelSpec' });
export type NotificationChannelSpec = z.infer<typeof NotificationChannelSpec>;
