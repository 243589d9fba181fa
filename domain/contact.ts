import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { intervalsFrom } from './calendar/hours.ts';
import { Duration, milliseconds } from './duration.ts';
import { Zone } from './schedule.ts';
import { Severity } from './severity.ts';
import { hoursOfDay } from './wall.ts';

const Quiet = z.strictObject({
  ...hoursOfDay,
  zone: Zone.default('UTC'),
  except: z
    .array(Severity)
    .max(5)
    .default(['SEV-1', 'SEV-2'])
    .meta({ description: 'Severities that page all the same' }),
});

/** One way to page a person. */
export const Contact = z.strictObject({
  channel: z
    .union([z.literal('email'), nameOf('NotificationChannel')])
    .meta({ description: '`email`, or a NotificationChannel that pages: slack, pagerduty, gateway, webhook' }),
  address: z.string().min(1).max(320).optional().meta({
    description: 'Mail address, id of a Slack user, telephone number; not needed for pagerduty and webhook',
  }),
  after: Duration.optional().meta({ description: 'How long after the page has begun; at once unless said' }),
  quiet: Quiet.optional().meta({
    description: 'Hours in which it is not used; it pages when they end, if still needed',
  }),
});
export type Contact = z.infer<typeof Contact>;

/** When the contact is due for a page that begins at an instant (milliseconds), and before when it may not be used. */
export const dueOf = (
  { after, quiet }: Pick<Contact, 'after' | 'quiet'>,
  severity: Severity,
  at: number,
): { delayMs: number; notBefore?: string } => {
  const delayMs = after === undefined ? 0 : milliseconds(after);
  if (!quiet || quiet.except.includes(severity)) return { delayMs };
  const [next] = intervalsFrom(quiet, { zone: quiet.zone, holidays: [] }, at + delayMs).take(1);
  if (!next || next.from > at + delayMs) return { delayMs };
  return { delayMs: next.until - at, notBefore: new Date(next.until).toISOString() };
};
