import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { DayHours, holidays, LocalTime } from './wall.ts';

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

/** An instant that a person writes. */
export const instant = z.iso.datetime({
  offset: true,
  error: 'expected an instant with Z or an offset, such as 2026-12-24T22:00:00Z or 2026-12-24T23:00:00+01:00',
});

/** A time that begins and ends at instants. */
export const span = { from: instant, until: instant };

/** The schema of something with a span, which ends after it has begun. */
export const inOrder = <Schema extends z.ZodType<{ from: string; until: string }>>(schema: Schema): Schema =>
  schema.refine(({ from, until }) => Date.parse(from) < Date.parse(until), {
    path: ['until'],
    error: 'expected a time after from: are the two swapped?',
  });

const Layer = z
  .strictObject({
    start: LocalTime.meta({ description: 'First handoff, in local time of the zone' }),
    end: LocalTime.optional().meta({ description: 'When the layer ends, in local time of the zone' }),
    turn: z
      .strictObject({ every: z.int().min(1).max(52), unit: z.enum(['hours', 'days', 'weeks']) })
      .meta({ description: 'Handoffs follow local time of the zone, also turns of hours' }),
    people: z.array(nameOf('Person')).min(1).max(100),
    restrictions: z
      .array(DayHours)
      .max(20)
      .default([])
      .meta({ description: 'Hours to which the layer is restricted; at others the layer below counts' }),
  })
  .refine(({ start, end }) => end === undefined || start < end, {
    path: ['end'],
    error: 'expected a time after start: are the two swapped?',
  });
export type Layer = z.infer<typeof Layer>;

const layers = z.array(Layer).min(1).max(10);

/** Who is on call when: overrides first, then the highest (last) layer. */
export const ScheduleSpec = z
  .strictObject({
    zone: Zone,
    holidays,
    layers,
    changes: z
      .array(
        z.strictObject({
          from: LocalTime.meta({ description: 'When the change comes, in local time of the zone' }),
          layers,
        }),
      )
      .max(50)
      .refine((changes) => changes.every(({ from }, at) => at === 0 || changes[at - 1]!.from < from), {
        error: 'expected the changes in the order in which they come',
      })
      .default([])
      .meta({ description: 'Layers that replace those before them from a time on' }),
    overrides: z
      .array(inOrder(z.strictObject({ ...span, person: nameOf('Person') })))
      .max(500)
      .default([]),
  })
  .meta({ id: 'ScheduleSpec' });
export type ScheduleSpec = z.infer<typeof ScheduleSpec>;
