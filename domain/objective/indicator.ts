import { z } from 'zod';
import { nameOf } from '../annotation.ts';
import { Authority } from '../evidence.ts';
import { Headers, hasNoPassword } from '../http-target.ts';
import { about } from './open-slo.ts';

const isPrometheus = (type: string): boolean => type.toLowerCase() === 'prometheus';
const SourceType = z.string().max(63).refine(isPrometheus, 'is no source that Evenkeel asks: only Prometheus is');

/** OpenSLO: where a metric is asked for. */
export const DataSourceSpec = z
  .strictObject({
    ...about,
    type: SourceType,
    connectionDetails: z.strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .refine(...hasNoPassword)
        .meta({ description: 'Base URL, without /api/v1/query_range' }),
      headers: Headers,
      authority: Authority.optional(),
    }),
  })
  .meta({ id: 'DataSource' });
export type DataSourceSpec = z.infer<typeof DataSourceSpec>;

const Metric = z.strictObject({
  metricSource: z.strictObject({
    metricSourceRef: nameOf('DataSource')
      .optional()
      .meta({ description: 'DataSource (default: the only one that there is)' }),
    type: SourceType.optional(),
    spec: z.strictObject({ query: z.string().min(1).max(5000) }),
  }),
});
export type Metric = z.infer<typeof Metric>;

const RatioMetric = z
  .strictObject({
    counter: z.boolean().default(false).meta({
      description: 'The queries count up for ever; else each gives what there was in the slot that ends',
    }),
    good: Metric.optional(),
    bad: Metric.optional(),
    total: Metric.optional(),
    rawType: z.enum(['success', 'failure']).optional(),
    raw: Metric.optional(),
  })
  .superRefine((ratio, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
    const { good, bad, total, raw, rawType } = ratio;
    if (raw || rawType) {
      if (good || bad || total) refuse('raw cannot be combined with good, bad or total');
      if (!raw || !rawType) refuse('raw and rawType belong together');
    } else {
      if (!total) refuse('total is missing');
      if (!good === !bad) refuse('expected either good or bad');
    }
  });

/** OpenSLO: what is measured, as a number with a threshold or as a share of what is good. */
export const SLISpec = z
  .strictObject({ ...about, thresholdMetric: Metric.optional(), ratioMetric: RatioMetric.optional() })
  .superRefine(({ thresholdMetric, ratioMetric }, context) => {
    if (!thresholdMetric === !ratioMetric)
      context.addIssue({ code: 'custom', message: 'expected either thresholdMetric or ratioMetric' });
  })
  .meta({ id: 'SLI' });
export type SLISpec = z.infer<typeof SLISpec>;
