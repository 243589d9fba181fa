import { z } from 'zod';
import { Role } from './actor.ts';
import { nameOf } from './annotation.ts';
import { inOrder, span } from './schedule.ts';

/** Somebody who works with Evenkeel. */
export const PersonSpec = z
  .strictObject({
    name: z.string().min(1).max(200),
    email: z.email().max(254),
    auditor: z.boolean().default(false).meta({ description: 'Reads everything, changes nothing' }),
    delegate: inOrder(z.strictObject({ to: nameOf('Person'), ...span }))
      .optional()
      .meta({ description: 'Who may vote for this person, in these dates; one level' }),
  })
  .meta({ id: 'PersonSpec' });
export type PersonSpec = z.infer<typeof PersonSpec>;

/** People who answer for services together; roles are held per team. */
export const TeamSpec = z
  .strictObject({
    description: z.string().max(1050).default(''),
    members: z
      .array(z.strictObject({ person: nameOf('Person'), role: Role }))
      .min(1)
      .max(500),
    schedule: nameOf('Schedule').optional().meta({ description: 'On-call Schedule' }),
  })
  .meta({ id: 'TeamSpec' });
export type TeamSpec = z.infer<typeof TeamSpec>;
