import { z } from 'zod';
import { AlertSeverity } from './alert/severity.ts';
import { nameOf } from './annotation.ts';
import { Duration } from './duration.ts';
import { SecretName } from './name.ts';

/** What has to be heard of again and again; silence is the alert. */
export const HeartbeatSpec = z
  .strictObject({
    team: nameOf('Team').meta({ description: 'Team that is alerted' }),
    every: Duration.meta({ description: 'How often it beats' }),
    grace: Duration.meta({ description: 'How much later a beat may come' }),
    secrets: z.array(SecretName).min(1).max(2).meta({ description: 'One, or two during rotation' }),
    service: nameOf('Service').optional().meta({ description: 'What is unwell when it falls silent' }),
    environment: nameOf('Environment').optional(),
    severity: AlertSeverity.default('critical').meta({ description: 'How bad it is when it falls silent' }),
  })
  .meta({ id: 'HeartbeatSpec' });
export type HeartbeatSpec = z.infer<typeof HeartbeatSpec>;
