import { z } from 'zod';
import { nameOf } from './annotation.ts';

/** An IANA time zone. */
export const Zone = z
  .string()
  .max(64)
  .refine((name) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: name }).format() !== '';
    } catch {
      return false;
    }
  }, 'expected an IANA time zone such as Europe/Berlin')
  .meta({ id: 'Zone', description: 'IANA time zone, for example Europe/Berlin' });

/** A time that begins and ends at instants. */
export const span = { from: z.iso.datetime({ offset: true }), until: z.iso.datetime({ offset: true }) };

/** Who is on call when: overrides first, then the highest (last) layer. */
export const ScheduleSpec = z
  .strictObject({
    zone: Zone,
    layers: z
      .array(
        z.strictObject({
          start: z.iso.datetime({ local: true }).meta({ description: 'First handoff, local time of the zone' }),
          turn: z.strictObject({ every: z.int().min(1).max(52), unit: z.enum(['hours', 'days', 'weeks']) }),
          people: z.array(nameOf('Person')).min(1).max(100),
        }),
      )
      .min(1)
      .max(10),
    overrides: z
      .array(z.strictObject({ ...span, person: nameOf('Person') }))
      .max(500)
      .default([]),
  })
  .meta({ id: 'ScheduleSpec' });
export type ScheduleSpec = z.infer<typeof ScheduleSpec>;
