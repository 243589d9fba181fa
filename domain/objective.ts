import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { AlertPolicySpec } from './objective/alert-policy.ts';
import { SLISpec } from './objective/indicator.ts';
import { about, FixedSpan, inline, partsOf, Span, spanMs } from './objective/open-slo.ts';
import { Zone } from './schedule.ts';

const longEnough = Span.refine(
  (text) => !(spanMs(text) < 3_600_000),
  'is shorter than an hour: m are minutes, M months',
);

const longestRollingDays = 400;
const longestCalendarYears = 10;

/** A span in days, of months, quarters and years at most so many. */
const daysAtMost = (span: string): number => {
  const { count, unit } = partsOf(span);
  const monthsOf = { M: 1, Q: 3, Y: 12 };
  return unit in monthsOf ? (count * monthsOf[unit as keyof typeof monthsOf] * 365) / 12 : spanMs(span) / 86_400_000;
};

const isTime = (text: string): boolean => {
  try {
    return Temporal.PlainDateTime.from(text.replace(' ', 'T'), { overflow: 'reject' }).year >= 1970;
  } catch {
    return false;
  }
};

const TimeWindow = z.discriminatedUnion('isRolling', [
  z.strictObject({
    isRolling: z.literal(true),
    duration: longEnough
      .refine((text) => !Number.isNaN(spanMs(text)), 'a rolling window has minutes, hours, days or weeks')
      .refine(
        (text) => !(daysAtMost(text) > longestRollingDays),
        `a rolling window has ${longestRollingDays} days at most`,
      ),
  }),
  z.strictObject({
    isRolling: z.literal(false),
    duration: longEnough.refine(
      (text) => daysAtMost(text) <= longestCalendarYears * 366,
      `a calendar window has ${longestCalendarYears} years at most`,
    ),
    calendar: z.strictObject({
      startTime: z
        .string()
        .regex(
          /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/,
          'expected a time such as 2026-01-01 00:00:00',
        )
        .refine(isTime, 'expected a time that there is, in 1970 or later'),
      timeZone: Zone,
    }),
  }),
]);
export type TimeWindow = z.infer<typeof TimeWindow>;

const Objective = z.strictObject({
  displayName: z.string().max(63).optional(),
  op: z.enum(['lte', 'gte', 'lt', 'gt']).optional(),
  value: z.number().optional(),
  target: z.number().min(0).lt(1).optional(),
  targetPercent: z.number().min(0).lt(100).optional(),
  timeSliceTarget: z.number().gt(0).max(1).optional(),
  timeSliceWindow: FixedSpan.refine((text) => 3_600_000 % spanMs(text) === 0, 'has to divide an hour').optional(),
  compositeWeight: z.number().gt(0).optional(),
  indicator: z.unknown().optional(),
  indicatorRef: z.string().optional(),
});
type Objective = z.infer<typeof Objective>;

/** OpenSLO: what a service promises, over which time, and what is made of it when the promise is in danger. */
export const SLOSpec = z
  .strictObject({
    ...about,
    service: nameOf('Service'),
    indicator: inline('SLI', SLISpec).optional(),
    indicatorRef: nameOf('SLI').optional(),
    timeWindow: z.array(TimeWindow).min(1).max(1),
    budgetingMethod: z.enum(['Occurrences', 'Timeslices', 'RatioTimeslices']),
    objectives: z.array(Objective).min(1).max(20),
    alertPolicies: z
      .array(
        z.union([z.strictObject({ alertPolicyRef: nameOf('AlertPolicy') }), inline('AlertPolicy', AlertPolicySpec)]),
      )
      .max(50)
      .nullish()
      .meta({ description: 'None given: the multi-window table; an empty list: no alerts' }),
  })
  .superRefine((slo, context) => {
    const { indicator, indicatorRef, budgetingMethod, objectives } = slo;
    if (!indicator === !indicatorRef && !objectives.some(isComposite))
      context.addIssue({ code: 'custom', message: 'expected either indicator or indicatorRef' });
    for (const [at, objective] of objectives.entries())
      for (const [field, message] of faultsOf(objective, budgetingMethod))
        context.addIssue({ code: 'custom', message, path: ['objectives', at, ...(field === '' ? [] : [field])] });
    if (!indicator?.spec.thresholdMetric) return;
    for (const [path, message] of thresholdFaults(objectives))
      context.addIssue({ code: 'custom', message, path: ['objectives', ...path] });
  })
  .meta({ id: 'SLOSpec' });
export type SLOSpec = z.infer<typeof SLOSpec>;

const isComposite = ({ indicator, indicatorRef, compositeWeight }: Objective): boolean =>
  indicator !== undefined || indicatorRef !== undefined || compositeWeight !== undefined;

const faultsOf = (objective: Objective, method: SLOSpec['budgetingMethod']): [string, string][] => {
  const { target, targetPercent, timeSliceTarget, timeSliceWindow } = objective;
  const faults: [string, string][] = [];
  const composite = (['indicator', 'indicatorRef', 'compositeWeight'] as const).find(
    (field) => objective[field] !== undefined,
  );
  if (composite) faults.push([composite, 'composite objectives are not measured: give each its own SLO']);
  if ((target === undefined) === (targetPercent === undefined))
    faults.push(['', 'expected either target or targetPercent']);
  if (method === 'Timeslices' && timeSliceTarget === undefined)
    faults.push(['timeSliceTarget', 'is missing: Timeslices need it']);
  if (method !== 'Timeslices' && timeSliceTarget !== undefined)
    faults.push(['timeSliceTarget', `does not belong to ${method}`]);
  if (method !== 'Occurrences' && timeSliceWindow === undefined)
    faults.push(['timeSliceWindow', `is missing: ${method} need it`]);
  if (method === 'Occurrences' && timeSliceWindow !== undefined)
    faults.push(['timeSliceWindow', 'does not belong to Occurrences']);
  return faults;
};

/** What a threshold asks of the objectives: exactly one, with what to compare. */
export const thresholdFaults = (
  objectives: readonly Pick<Objective, 'op' | 'value'>[],
): [(string | number)[], string][] => [
  ...(objectives.length === 1 ? [] : [[[], 'a thresholdMetric has exactly one objective'] as [[], string]]),
  ...objectives.flatMap((objective, at) =>
    (['op', 'value'] as const)
      .filter((field) => objective[field] === undefined)
      .map((field): [(string | number)[], string] => [[at, field], 'is missing: a thresholdMetric needs it']),
  ),
];
