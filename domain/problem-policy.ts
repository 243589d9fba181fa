import { z } from 'zod';
import { Duration } from './duration.ts';
import { Name } from './name.ts';
import { patternOf } from './rule/pattern.ts';
import { Severity } from './severity.ts';

/** What makes a problem of incidents without anybody asking for it. */
export const ProblemRule = z.enum([
  'severity',
  'workaround',
  'change',
  'recurrence',
  'same-cause',
  'exceedance',
  'trend',
  'flapping',
  'user-minutes',
  'near-miss',
]);
export type ProblemRule = z.infer<typeof ProblemRule>;

const isPattern = (text: string): boolean => {
  try {
    patternOf(text);
    return true;
  } catch {
    return false;
  }
};

const count = z.int().min(2).max(1_000);
const share = z.number().gt(0).lt(1);

/** When problems open by themselves, or take what belongs to them. */
export const ProblemPolicySpec = z
  .strictObject({
    description: z.string().max(1_000).default(''),
    rules: z.array(ProblemRule).max(20).default(ProblemRule.options).meta({
      description: 'Those that open problems by themselves; none with an empty list',
    }),
    severities: z.array(Severity).max(5).default(['SEV-1', 'SEV-2']).meta({
      description: '`severity`: each incident of these, once service is restored',
    }),
    recurrence: z
      .strictObject({ incidents: count.default(3), within: Duration.default('30d') })
      .prefault({})
      .meta({ description: '`recurrence`: so many similar incidents' }),
    sameCause: z
      .strictObject({ incidents: count.default(2), within: Duration.default('183d') })
      .prefault({})
      .meta({ description: '`same-cause`: so many of a service that seem to come from the same' }),
    exceedance: z
      .strictObject({
        within: Duration.default('7d'),
        baseline: Duration.default('91d'),
        incidents: count.default(3).meta({ description: 'Fewer are no finding, however unlikely' }),
        falseDiscoveries: share.default(0.05).meta({ description: 'Share of findings that may be by chance' }),
      })
      .prefault({})
      .meta({ description: '`exceedance`: more similar incidents than were to be expected' }),
    trend: z
      .strictObject({ weeks: z.int().min(8).max(104).default(12), p: share.default(0.05), incidents: count.default(6) })
      .prefault({})
      .meta({ description: '`trend`: similar incidents rise from week to week' }),
    flapping: z
      .strictObject({ top: z.int().min(1).max(100).default(3), changes: z.int().min(4).max(20).default(12) })
      .prefault({})
      .meta({
        description:
          '`flapping`: the alerts that change most, with at least so many of their last changes in the period',
      }),
    userMinutes: z
      .strictObject({ share: share.default(0.8), atMost: share.default(0.5) })
      .prefault({})
      .meta({
        description:
          '`user-minutes`: the few kinds of incidents that make up most of what users felt; `atMost` is the share of kinds that is still few',
      }),
    nearMisses: z
      .strictObject({ plans: count.default(2), within: Duration.default('30d') })
      .prefault({})
      .meta({ description: '`near-miss`: so many changes of a service that failed before users felt it' }),
    masks: z
      .array(
        z.strictObject({
          name: Name.meta({ description: 'What is written in its place' }),
          pattern: z.string().min(1).max(500).refine(isPattern, 'expected a pattern of RE2'),
        }),
      )
      .max(20)
      .default([])
      .meta({ description: 'What differs from title to title, beside numbers, ids, addresses, paths and quotations' }),
  })
  .meta({ id: 'ProblemPolicySpec' });
export type ProblemPolicySpec = z.infer<typeof ProblemPolicySpec>;

/** Where a team names none. */
export const usualProblemPolicy: ProblemPolicySpec = ProblemPolicySpec.parse({});
