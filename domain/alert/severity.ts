import { z } from 'zod';

/** How bad a source says that an alert is, from the worst on. */
export const AlertSeverity = z.enum(['critical', 'error', 'warning', 'info']);
export type AlertSeverity = z.infer<typeof AlertSeverity>;

/** The lower, the worse. */
export const rankOf = ({ severity }: { severity: AlertSeverity }): number => AlertSeverity.options.indexOf(severity);
