import { Cron } from 'croner';
import { z } from 'zod';
import { Duration } from './duration.ts';
import { span, Zone } from './schedule.ts';

const isCron = (pattern: string): boolean => {
  try {
    return new Cron(pattern, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
};

/** When work may touch an environment. Work and its undoing both have to fit. A freeze beats the window. */
export const MaintenanceWindowSpec = z
  .strictObject({
    zone: Zone,
    opens: z
      .string()
      .max(100)
      .refine(isCron, 'expected a cron pattern with a next run, for example "0 22 * * 1-5"')
      .meta({ description: 'Cron pattern of the openings, in the zone' }),
    lasts: Duration,
    freezes: z
      .array(z.strictObject({ ...span, reason: z.string().min(1).max(500) }))
      .max(200)
      .default([]),
  })
  .meta({ id: 'MaintenanceWindowSpec' });
export type MaintenanceWindowSpec = z.infer<typeof MaintenanceWindowSpec>;
