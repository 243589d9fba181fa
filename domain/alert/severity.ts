import { z } from 'zod';

/** How bad a source says that an alert is, from the worst on. */
export const AlertSeverity = z.enum(['critical', 'error', 'warning', 'info']);
export type AlertSeverity = z.infer<typeof AlertSeverity>;
