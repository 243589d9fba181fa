import { z } from 'zod';

const instant = z.iso.datetime({ precision: 3 });

/** How an objective stood when it was looked at last. */
export const ObjectiveState = z.strictObject({
  name: z.string(),
  slo: z.string(),
  title: z.string(),
  service: z.string(),
  team: z.string(),
  target: z.number(),
  method: z.enum(['Occurrences', 'Timeslices', 'RatioTimeslices']),
  series: z.string(),
  slotMs: z.number(),
  window: z.strictObject({ from: instant, until: instant }),
  /** To when it is measured, and when there was data last. */
  asOf: instant.optional(),
  lastDataAt: instant.optional(),
  /** In events, or in slices. */
  good: z.number(),
  total: z.number(),
  bad: z.number(),
  allowed: z.number().meta({ description: 'How much may be bad in the window' }),
  used: z.number().optional().meta({ description: 'Share of the error budget that is used: 1 is all of it' }),
  met: z.number().optional().meta({ description: 'Share that was good' }),
  unmeasured: z.int().meta({ description: 'Slots of the window that were not looked at yet' }),
  empty: z.int().meta({ description: 'Slots without data: they count neither way' }),
  burnRates: z.array(z.strictObject({ window: z.string(), burnRate: z.number().optional() })),
  exhaustedAt: instant.optional().meta({ description: 'When the budget is used up at the burn rate of the last hour' }),
  trouble: z.string().optional().meta({ description: 'Why it is not measured any further' }),
});
export type ObjectiveState = z.infer<typeof ObjectiveState>;
