import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { everOpens } from './calendar/opening.ts';
import { Duration } from './duration.ts';
import { inOrder, span, Zone } from './schedule.ts';

/** When work may touch an environment. Work and its undoing both have to fit. A freeze beats the window. */
export const MaintenanceWindowSpec = z
  .strictObject({
    zone: Zone,
    opens: z
      .string()
      .max(100)
      .refine(
        everOpens,
        'expected a cron pattern or a local time that occurs, such as "0 22 * * 1-5" or 2026-12-24T22:00',
      )
      .meta({
        description: 'Openings in local time of the zone: a cron pattern, or one time such as 2026-12-24T22:00',
      }),
    lasts: Duration,
    silences: z
      .strictObject({
        services: z.array(nameOf('Service')).min(1).max(200).optional(),
        environments: z.array(nameOf('Environment')).min(1).max(200).optional(),
      })
      .optional()
      .meta({ description: 'While it is open, alerts of these page nobody; those that still fire when it closes do' }),
    freezes: z
      .array(inOrder(z.strictObject({ ...span, reason: z.string().min(1).max(500) })))
      .max(200)
      .default([]),
  })
  .meta({ id: 'MaintenanceWindowSpec' });
export type MaintenanceWindowSpec = z.infer<typeof MaintenanceWindowSpec>;
