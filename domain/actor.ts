import { z } from 'zod';

/** Rank inside a team; a higher role may do all that a lower one may. The auditor stands apart and only reads. */
export const Role = z.enum(['viewer', 'responder', 'operator', 'approver', 'admin']);
export type Role = z.infer<typeof Role>;

/** The person who made the token, where it is another's: they may have used it themselves. */
const lentBy = z.string().optional();

/** Who did something: a person, a service account, or Evenkeel itself. */
export const Actor = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('person'), name: z.string(), lentBy }),
  z.strictObject({ type: z.literal('service'), name: z.string(), lentBy }),
  z.strictObject({ type: z.literal('system'), name: z.string() }),
]);
export type Actor = z.infer<typeof Actor>;
