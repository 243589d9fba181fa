import { z } from 'zod';

/** How bad an incident is for users, from the worst on. */
export const IncidentSeverity = z.enum(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4', 'SEV-5']);
export type IncidentSeverity = z.infer<typeof IncidentSeverity>;

/** Which work comes first, from 1 on. */
export const Priority = z.literal([1, 2, 3, 4, 5]);
export type Priority = z.infer<typeof Priority>;
