import { z } from 'zod';
import { Actor } from './actor.ts';
import { Name } from './name.ts';

/** An emergency: what has not begun in the place does not begin, whatever was approved. Without a place it is everywhere. */
export const Freeze = z.strictObject({
  id: z.uuid(),
  service: Name.optional(),
  environment: Name.optional(),
  reason: z.string(),
  startedBy: Actor,
  startedAt: z.string(),
  /** It ends by itself then, so that nothing is held by what was forgotten. */
  until: z.string(),
  endedBy: Actor.optional(),
  endedAt: z.string().optional(),
});
export type Freeze = z.infer<typeof Freeze>;
