import { z } from 'zod';
import type { AlertSeverity } from './alert/severity.ts';
import { Duration, milliseconds } from './duration.ts';
import { HoldReason } from './incident/hold.ts';
import { Priority, Severity } from './severity.ts';
import { WorkingHours } from './team.ts';

/** By when something is to be reached, counted from the opening. */
const Target = z.strictObject({
  within: Duration,
  hours: z.enum(['always', 'working']).default('always').meta({
    description: 'Which time counts: all of it, or the working hours alone',
  }),
});
export type Target = z.infer<typeof Target>;

const Response = z.strictObject({
  meaning: z.string().max(500).default('').meta({ description: 'By numbers: share of users or requests' }),
  pages: z.boolean().default(true).meta({ description: 'Somebody is paged; else it waits for whoever looks' }),
  acknowledgeWithin: Duration.default('15m').meta({ description: 'How long a level of the escalation has' }),
  progressWithin: Duration.default('4h').meta({
    description: 'How long an acknowledgement holds without progress; then the escalation resumes',
  }),
  updateEvery: Duration.optional().meta({ description: 'How often stakeholders hear how it stands' }),
  reviewWithin: Duration.optional().meta({ description: 'By when its review is done; none is asked for without' }),
  timeToOwn: Target.optional().meta({ description: 'Target until somebody has acknowledged it or is assigned' }),
  timeToResolve: Target.optional().meta({ description: 'Target until it is resolved' }),
});

const response = (given: z.input<typeof Response>) => Response.prefault(given);
const row = z.tuple([Priority, Priority, Priority]);

/** Impact across, urgency down: a worse one is never less urgent to work on. */
const isMonotone = (matrix: readonly (readonly number[])[]): boolean =>
  matrix.every((ranks, impact) =>
    ranks.every(
      (priority, urgency) =>
        priority >= (matrix[impact]![urgency - 1] ?? 0) && priority >= (matrix[impact - 1]?.[urgency] ?? 0),
    ),
  );

/** What each severity asks of whoever responds, and what alerts and priorities come from. */
export const SeverityPolicySpec = z
  .strictObject({
    alerts: z
      .strictObject({ critical: Severity.default('SEV-2'), error: Severity.default('SEV-3') })
      .prefault({})
      .meta({ description: 'Severity of an incident that such an alert opens; others open none' }),
    priorities: z
      .tuple([row, row, row])
      .refine(isMonotone, 'expected priorities that never get better with a worse impact or urgency')
      .default([
        [1, 2, 3],
        [2, 3, 4],
        [3, 4, 5],
      ])
      .meta({ description: 'Rows by impact, columns by urgency, 1 to 3; 1 is high' }),
    responses: z
      .strictObject({
        'SEV-1': response({
          acknowledgeWithin: '5m',
          progressWithin: '1h',
          updateEvery: '30m',
          reviewWithin: '3d',
        }),
        'SEV-2': response({
          acknowledgeWithin: '5m',
          progressWithin: '2h',
          updateEvery: '1h',
          reviewWithin: '7d',
        }),
        'SEV-3': response({}),
        'SEV-4': response({ acknowledgeWithin: '4h', progressWithin: '1d' }),
        'SEV-5': response({ pages: false, progressWithin: '7d' }),
      })
      .prefault({}),
    pausedBy: z
      .array(HoldReason)
      .default(['caller', 'vendor'])
      .meta({ description: 'Holds during which the time to resolve stands still' }),
    workingHours: WorkingHours.optional().meta({
      description: 'Hours that targets with `hours: working` count; unless said, those of the team',
    }),
  })
  .meta({ id: 'SeverityPolicySpec' });
export type SeverityPolicySpec = z.infer<typeof SeverityPolicySpec>;

/** Where a team names none. */
export const usualSeverityPolicy: SeverityPolicySpec = SeverityPolicySpec.parse({});

/** The severity that an alert asks for; only exceptions do. */
export const severityFor = ({ alerts }: Pick<SeverityPolicySpec, 'alerts'>, severity: AlertSeverity): Severity =>
  severity === 'critical' ? alerts.critical : alerts.error;

/** What a severity asks for, with durations in milliseconds. */
export interface Response {
  pages: boolean;
  acknowledgeWithinMs: number;
  progressWithinMs: number;
  updateEveryMs?: number;
  reviewWithinMs?: number;
  /** Its clocks have a target. */
  hasTargets?: true;
}

export const responseOf = ({ responses }: SeverityPolicySpec, severity: Severity): Response => {
  const { pages, acknowledgeWithin, progressWithin, updateEvery, reviewWithin, timeToOwn, timeToResolve } =
    responses[severity];
  return {
    pages,
    acknowledgeWithinMs: milliseconds(acknowledgeWithin),
    progressWithinMs: milliseconds(progressWithin),
    ...(updateEvery === undefined ? {} : { updateEveryMs: milliseconds(updateEvery) }),
    ...(reviewWithin === undefined ? {} : { reviewWithinMs: milliseconds(reviewWithin) }),
    ...(timeToOwn === undefined && timeToResolve === undefined ? {} : { hasTargets: true }),
  };
};
