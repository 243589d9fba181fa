import { z } from 'zod';

/** Every metric that there is. None is called just MTTR: each says from when to when. */
export const MetricName = z.enum([
  'availability',
  'availability-requests',
  'availability-slices',
  'mtrs',
  'mtbf',
  'mtbsi',
  'incident-volume',
  'incident-trend',
  'mttd',
  'mttn',
  'mtta',
  'mttm',
  'mttr-restore',
  'mttr-resolve',
  'mttr-repair',
  'mttr-respond',
  'repeat-rate',
  'reopen-rate',
  'hand-back-rate',
  'incident-automation',
  'activity-automation',
  'toil-share',
  'deployment-frequency',
  'deployment-lead-time',
  'change-failure-rate-confirmed',
  'change-failure-rate-suspected',
  'failed-deployment-recovery',
  'pages-per-shift',
  'out-of-hours-pages',
  'page-compliance',
  'alert-precision',
  'alert-recall',
  'alert-compression',
  'alert-deduplication',
  'detection-coverage',
  'monitoring-coverage',
  'customer-impacting-incidents',
  'impacted-user-minutes',
  'satisfaction',
  'incident-sla-compliance',
  'plan-sla-compliance',
  'action-compliance',
]);
export type MetricName = z.infer<typeof MetricName>;

export const Unit = z.enum(['minutes', 'share', 'count', 'per-day', 'per-week', 'per-shift', 'score', 'user-minutes']);
export type Unit = z.infer<typeof Unit>;

const amount = z.number().nullable();

/** A whole number; a double says one above 2^53 to 16 digits. */
const Count = z
  .number()
  .refine((value) => Number.isInteger(value), 'expected a whole number')
  .meta({ type: 'integer' });

const Interval = z.strictObject({
  low: z.number(),
  high: z.number(),
  method: z.enum(['wilson', 'bootstrap', 'normal']),
});

/** What was found, and how sure that is. */
export const Figures = z.strictObject({
  value: amount.meta({ description: 'Null where nothing can be said: `why` says why' }),
  why: z.string().optional(),
  numerator: z.number().optional(),
  denominator: z.number().optional(),
  n: Count.meta({ description: 'Cases that it comes from' }),
  missing: Count.meta({ description: 'Cases of which an end is not known' }),
  interval: Interval.optional().meta({ description: 'Where the value probably lies, with 95 %' }),
  summary: z
    .strictObject({
      mean: z.number(),
      median: amount,
      p90: amount,
      geometricMean: amount,
      percentiles: z.literal('R-7'),
    })
    .optional()
    .meta({ description: 'What the mean hides; no percentiles of fewer than 5 values' }),
  values: z.array(z.number()).optional().meta({ description: 'The values themselves, where they are fewer than 5' }),
  open: z.strictObject({ n: Count, median: amount }).optional().meta({
    description: 'Cases that last still, and the median that counts them as long as they were seen (Kaplan-Meier)',
  }),
  trend: z
    .strictObject({ slope: z.number(), p: z.number(), s: z.number(), z: z.number() })
    .optional()
    .meta({ description: 'Theil-Sen slope and Mann-Kendall test' }),
  parts: z
    .array(z.strictObject({ name: z.string(), value: amount, n: Count }))
    .optional()
    .meta({ description: 'The same by class' }),
  policy: z.string().optional().meta({ description: 'What was taken for granted, such as weights and windows' }),
});
export type Figures = z.infer<typeof Figures>;

/** What a metric is of: a service, a team, or all that there is; in one environment where it is said. */
export const Scope = z.strictObject({
  service: z.string().optional(),
  team: z.string().optional(),
  environment: z.string().optional(),
});
export type Scope = z.infer<typeof Scope>;

/** From and until are instants; what happens at `until` is of the next one. */
export const Period = z.strictObject({ from: z.string(), until: z.string() });
export type Period = z.infer<typeof Period>;

/** Something that a figure comes from: by these a reader computes it again. */
export const Input = z.strictObject({ id: z.string(), value: z.number(), class: z.string().optional() });
export type Input = z.infer<typeof Input>;

/** A figure as it was computed: never changed. Data that comes later makes another revision. */
export const PerformanceRecord = z.strictObject({
  id: z.string(),
  metric: MetricName,
  version: z.int().meta({ description: 'Of the definition of the metric' }),
  unit: Unit,
  scope: Scope,
  period: Period,
  revision: z.int().meta({ description: 'Counts what later data changed' }),
  computedAt: z.string(),
  figures: Figures,
  leftOut: z
    .array(z.strictObject({ why: z.string(), n: Count }))
    .meta({ description: 'What happened in the period and does not count' }),
  sources: z
    .array(z.strictObject({ name: z.string(), freshAt: z.string().nullable() }))
    .meta({ description: 'What it stands on, and when each was heard of last' }),
  hash: z.string().meta({
    description: 'SHA-256 of the metric with its version, the scope, the period, the figures and every input',
  }),
});
export type PerformanceRecord = z.infer<typeof PerformanceRecord>;
