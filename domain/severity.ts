import { z } from 'zod';

/** How much of an incident its users feel, from the worst on; it decides the response. */
export const Severity = z.enum(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4', 'SEV-5']);
export type Severity = z.infer<typeof Severity>;

/** Impact or urgency of an incident; 1 is high. */
export const Rank = z.int().min(1).max(3);
export type Rank = z.infer<typeof Rank>;

/** The order of work; 1 is first. */
export const Priority = z.int().min(1).max(5);
export type Priority = z.infer<typeof Priority>;
