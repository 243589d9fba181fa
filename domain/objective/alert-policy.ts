import { z } from 'zod';
import { nameOf } from '../annotation.ts';
import { about, FixedSpan, inline } from './open-slo.ts';

/** OpenSLO: when an alert is due. Its `op` counts as it is written. */
export const AlertConditionSpec = z
  .strictObject({
    ...about,
    severity: z
      .string()
      .min(1)
      .max(63)
      .default('page')
      .meta({ description: '`page` alerts as critical, `ticket` as warning' }),
    condition: z.strictObject({
      kind: z.literal('burnrate'),
      op: z
        .enum(['gt', 'gte', 'lt', 'lte'])
        .meta({ description: 'Taken literally: `gt` is what nearly everybody means' }),
      threshold: z.number().gt(0).max(1_000_000).meta({ description: 'Multiple of the even burn' }),
      lookbackWindow: FixedSpan,
      alertAfter: z.union([FixedSpan, z.literal('0m')]).default('0m'),
    }),
  })
  .meta({ id: 'AlertCondition' });
export type AlertConditionSpec = z.infer<typeof AlertConditionSpec>;

/** OpenSLO: who is to be told by an alert; ours go where the service's alerts go. */
export const AlertNotificationTargetSpec = z
  .strictObject({ ...about, target: z.string().min(1).max(255) })
  .meta({ id: 'AlertNotificationTarget' });

/** OpenSLO: one condition and when it alerts. Policies of one severity and threshold have to be true together. */
export const AlertPolicySpec = z
  .strictObject({
    ...about,
    alertWhenBreaching: z.boolean().default(false),
    alertWhenResolved: z.boolean().default(false),
    alertWhenNoData: z.boolean().default(false),
    conditions: z
      .array(
        z.union([
          z.strictObject({ conditionRef: nameOf('AlertCondition') }),
          inline('AlertCondition', AlertConditionSpec),
        ]),
      )
      .min(1)
      .max(1),
    notificationTargets: z
      .array(
        z.union([
          z.strictObject({ targetRef: nameOf('AlertNotificationTarget') }),
          inline('AlertNotificationTarget', AlertNotificationTargetSpec),
        ]),
      )
      .min(1)
      .max(20),
  })
  .meta({ id: 'AlertPolicySpec' });
export type AlertPolicySpec = z.infer<typeof AlertPolicySpec>;
