import { z } from 'zod';

/** A place where services run. */
export const EnvironmentSpec = z
  .strictObject({
    description: z.string().max(1050).default(''),
    production: z.boolean().default(false),
    variables: z
      .record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]*$/), z.string().max(2000))
      .default({})
      .meta({ description: 'Values for steps: {{environment.<name>}}' }),
  })
  .meta({ id: 'EnvironmentSpec' });
export type EnvironmentSpec = z.infer<typeof EnvironmentSpec>;
