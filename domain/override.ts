import { z } from 'zod';
import { Name } from './name.ts';
import { instant, inOrder, span } from './schedule.ts';

/** What somebody asks: that a person is on call for a time, and perhaps takes over another time of theirs in return. */
export const OverrideAsk = inOrder(
  z.strictObject({
    ...span,
    person: Name,
    reason: z.string().min(1, 'a reason is needed').max(1000),
    inReturn: inOrder(z.strictObject(span))
      .optional()
      .meta({ description: 'A swap: when whoever asks is on call instead of the person' }),
  }),
);
export type OverrideAsk = z.infer<typeof OverrideAsk>;

const asked = {
  id: z.uuid(),
  schedule: z.string(),
  ...span,
  person: z.string(),
  reason: z.string(),
  inReturn: z.strictObject(span).optional(),
  askedBy: z.string(),
  askedAt: instant,
};

/** A time in which somebody else is on call; it counts while it is accepted, from when it was. */
export const Override = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('asked'), ...asked }),
  z.strictObject({ status: z.literal('accepted'), ...asked, acceptedAt: instant }),
  z.strictObject({ status: z.literal('declined'), ...asked, declinedAt: instant }),
  z.strictObject({
    status: z.literal('withdrawn'),
    ...asked,
    acceptedAt: instant.optional(),
    withdrawnAt: instant,
  }),
]);
export type Override = z.infer<typeof Override>;
