import { z } from 'zod';
import { nameOf, Rule } from './annotation.ts';
import { SecretName } from './name.ts';

/** How names of the sender become names of the catalogue; the first mapping that fits wins. */
export const SourceMapping = z.strictObject({
  from: z
    .string()
    .min(1)
    .max(500)
    .meta({ description: 'Sender\'s name: repository or artifact without version; "*" stands for any characters' }),
  environment: z.string().min(1).max(255).default('*').meta({
    description: "Sender's environment; `*` alone is every permanent one, `review/*` also short-lived ones",
  }),
  when: Rule.optional().meta({
    description: 'A further condition on subject, artifact, environment, task and payload of the sender',
  }),
  to: z.strictObject({ service: nameOf('Service'), environment: nameOf('Environment') }),
});
export type SourceMapping = z.infer<typeof SourceMapping>;

/** Who may send us facts, and how they prove it. */
export const SourceSpec = z
  .strictObject({
    format: z.enum(['github', 'cloudevents']),
    team: nameOf('Team').meta({ description: 'Team whose services the source may report' }),
    secrets: z.array(SecretName).min(1).max(2).meta({ description: 'One, or two during rotation' }),
    mappings: z.array(SourceMapping).max(1000).default([]),
    acceptsBatches: z.boolean().default(false),
    allowedOrigins: z.array(z.string().max(253)).max(20).default([]),
    retired: z.boolean().default(false).meta({ description: 'Answers 410, so that senders stop' }),
  })
  .meta({ id: 'SourceSpec' });
export type SourceSpec = z.infer<typeof SourceSpec>;
