import { z } from 'zod';
import { nameOf } from './annotation.ts';
import { Duration, milliseconds } from './duration.ts';
import { Parameters } from './plan-template/parameter.ts';
import { cronFault } from './routine/cron.ts';
import { RoutineKind } from './routine/kind.ts';
import { Zone } from './schedule.ts';

const longestJitterMs = 12 * 3_600_000;

const Selector = z
  .strictObject({
    labels: z
      .record(z.string().min(1).max(63), z.string().max(255))
      .default({})
      .meta({ description: "The owner's services that carry all of these labels" }),
    names: z.array(nameOf('Service')).max(200).default([]),
  })
  .refine(
    ({ labels, names }) => Object.keys(labels).length + names.length > 0,
    'expected labels or names: a routine for every service says so by a label that every one has',
  );

/** What is done again and again: one plan for each of its services, at each time that its pattern names. */
export const RoutineSpec = z
  .strictObject({
    description: z.string().min(1).max(1050),
    owner: nameOf('Team').meta({
      description: "Team in whose name it acts: it opens no plan for another team's service",
    }),
    kind: RoutineKind.meta({ description: 'What it does, as coverage counts it' }),
    cron: z
      .string()
      .max(100)
      .superRefine((pattern, context) => {
        const message = cronFault(pattern);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .meta({ description: 'When it is due, in local time of the zone: five fields, such as `30 2 * * *`' }),
    zone: Zone,
    template: nameOf('PlanTemplate'),
    parameters: Parameters.default({}),
    services: Selector,
    environments: z.array(nameOf('Environment')).min(1).max(20),
    missed: z.enum(['skip', 'one', 'all']).default('one').meta({
      description: 'What is made up of the times at which nothing could run: none, the newest, or each',
    }),
    within: Duration.default('1d').meta({ description: 'How long after its time a run may still be made up' }),
    jitter: Duration.refine(
      (text) => !(milliseconds(text) > longestJitterMs),
      'expected at most 12h: a plan that begins later than that belongs to another time',
    )
      .optional()
      .meta({ description: 'Its plans open spread over so long after each time, always at the same place in it' }),
    paused: z.boolean().default(false).meta({
      description: 'Nothing opens while it is; each time that passes is written down as skipped',
    }),
  })
  .meta({ id: 'RoutineSpec' });
export type RoutineSpec = z.infer<typeof RoutineSpec>;
