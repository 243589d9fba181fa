import { z } from 'zod';

/** What an incident waits for on hold. */
export const HoldReason = z.enum(['caller', 'vendor', 'change', 'problem', 'evidence']);
export type HoldReason = z.infer<typeof HoldReason>;
