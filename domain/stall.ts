import { z } from 'zod';
import { Reference } from './reference.ts';

/** A workflow that does not go on, or an activity of one, which are tried again and again. */
export const Stall = z.strictObject({
  workflowId: z.string(),
  /** `workflow`, or the name of the activity. */
  what: z.string(),
  /** The record that waits for it, if it is of one. */
  belongsTo: Reference.nullable(),
  reason: z.string(),
  attempts: z.int(),
  since: z.string(),
});
export type Stall = z.infer<typeof Stall>;
