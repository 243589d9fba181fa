import { z } from 'zod';
import { Duration, milliseconds } from '../duration.ts';
import { Evidence } from '../evidence.ts';
import { line } from '../line.ts';

/** What has to be so before a service is left to its usual operation. */
const ExitCriterion = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Z][A-Z0-9]*-[0-9]+$/, 'expected an id such as EXIT-1')
    .meta({ description: 'Such as EXIT-1; a person attests it by this name' }),
  title: line(200),
  evidence: Evidence,
});

/** Weeks of closer attention behind a go-live; it ends once every exit criterion is met. */
export const Hypercare = z
  .strictObject({
    lasts: Duration.default('14d').meta({ description: 'How long it lasts at least' }),
    atMost: Duration.default('28d').meta({
      description: 'When the owner decides what becomes of it, since its exit criteria are not met',
    }),
    lookEvery: Duration.default('1d').meta({ description: 'How often the exit criteria are looked at' }),
    exit: z.array(ExitCriterion).min(1).max(20),
  })
  .refine(({ lasts, atMost }) => milliseconds(lasts) <= milliseconds(atMost), {
    path: ['atMost'],
    message: 'is shorter than it lasts at least',
  })
  .refine(({ exit }) => new Set(exit.map(({ id }) => id)).size === exit.length, {
    path: ['exit'],
    message: 'two criteria have one id',
  });
export type Hypercare = z.infer<typeof Hypercare>;
