import { z } from 'zod';

/** A time on the wall of a zone that stands beside it. */
export const LocalTime = z.iso
  .datetime({ local: true, error: 'expected a local time of the zone, such as 2026-01-05T09:00, without Z or offset' })
  .refine((text) => !/z$/i.test(text), {
    error: ({ input }) => `expected a local time of the zone: write ${String(input).slice(0, -1)}, without Z`,
  });

const LocalDate = z.iso.date('expected a date such as 2026-12-25');

const TimeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day between 00:00 and 23:59, such as 09:00');

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const Weekday = z.enum(weekdays);

/** What a date is: a holiday is no weekday. */
const Day = z.enum([...weekdays, 'holiday']);
export type Day = z.infer<typeof Day>;

export const holidays = z
  .array(LocalDate)
  .max(500)
  .default([])
  .meta({ description: 'Dates that count as `holiday`, not as their weekday' });

/** From one time of the day up to another: on the next day, where that is not later. */
export const hoursOfDay = {
  from: TimeOfDay,
  until: TimeOfDay.meta({ description: 'On the next day, where it is not later than from' }),
};

/** Hours of some days; the day is the one on which they begin. */
export const DayHours = z.strictObject({
  days: z
    .array(Day)
    .min(1)
    .max(8)
    .optional()
    .meta({ description: 'Days on which they begin; every day and holiday unless said' }),
  ...hoursOfDay,
});
export type DayHours = z.infer<typeof DayHours>;
