import { z } from 'zod';
import { AlertSeverity } from './alert.ts';
import { Duration, milliseconds } from './duration.ts';
import { Priority, Severity } from './severity.ts';

const Response = z.strictObject({
  meaning: z.string().max(500).default('').meta({ description: 'By numbers: share of users or requests' }),
  pages: z.boolean().default(true).meta({ description: 'Somebody is paged; else it waits for whoever looks' }),
  isMajor: z.boolean().default(false).meta({ description: 'A major incident: a commander, and a review at its end' }),
  acknowledgeWithin: Duration.default('15m').meta({ description: 'How long a level of the escalation has' }),
  progressWithin: Duration.default('4h').meta({
    description: 'How long an acknowledgement holds without progress; then the escalation resumes',
  }),
  updateEvery: Duration.optional().meta({ description: 'How often stakeholders hear how it stands' }),
  reviewWithin: Duration.optional().meta({ description: 'By when its review is done; none is asked for without' }),
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
      .record(AlertSeverity, Severity)
      .default({ critical: 'SEV-2', error: 'SEV-3', warning: 'SEV-4', info: 'SEV-5' })
      .meta({ description: 'Severity of an incident that an alert opens' }),
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
          isMajor: true,
          acknowledgeWithin: '5m',
          progressWithin: '1h',
          updateEvery: '30m',
          reviewWithin: '3d',
        }),
        'SEV-2': response({
          isMajor: true,
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
  })
  .meta({ id: 'SeverityPolicySpec' });
export type SeverityPolicySpec = z.infer<typeof SeverityPolicySpec>;

/** Where a team names none. */
export const usualSeverityPolicy: SeverityPolicySpec = SeverityPolicySpec.parse({});

/** What a severity asks for, with durations in milliseconds. */
export interface Response {
  pages: boolean;
  acknowledgeWithinMs: number;
  progressWithinMs: number;
  updateEveryMs?: number;
  reviewWithinMs?: number;
}

export const responseOf = ({ responses }: SeverityPolicySpec, severity: Severity): Response => {
  const { pages, acknowledgeWithin, progressWithin, updateEvery, reviewWithin } = responses[severity];
  return {
    pages,
    acknowledgeWithinMs: milliseconds(acknowledgeWithin),
    progressWithinMs: milliseconds(progressWithin),
    ...(updateEvery === undefined ? {} : { updateEveryMs: milliseconds(updateEvery) }),
    ...(reviewWithin === undefined ? {} : { reviewWithinMs: milliseconds(reviewWithin) }),
  };
};
