import type { PlanFacts } from '../domain/operation-plan.ts';
import type { RunbookRun } from '../domain/runbook-run.ts';
import { plain, status, when } from './print.ts';

/** What people said of what went wrong: why a task failed, why a step was tried again, and what the try before had come to. */
export const saidRows = (plan: PlanFacts, runs: readonly RunbookRun[], now: number): string[][] => [
  ...[...plan.tasks, ...runs.flatMap(({ tasks }) => tasks)].flatMap(
    ({ status: stands, title, reason, closedBy, closedAt }) =>
      stands === 'failed' ? [row(stands, title, closedBy?.name, closedAt, reason, now)] : [],
  ),
  // Those of the plan itself are deviations.
  ...runs.flatMap(({ tasks }) =>
    tasks.flatMap(({ title, reassigned = [] }) =>
      reassigned.map(({ from, to, by, reason, at }) =>
        row('reassigned', title, by, at, `to ${to} instead of ${from}: ${reason}`, now),
      ),
    ),
  ),
  ...runs.flatMap(({ activity, steps }) =>
    steps.flatMap(({ name, retries = [] }) =>
      retries.map(({ by, at, reason, failed }) =>
        row(
          'retried',
          `${activity}/${name}`,
          by,
          at,
          `${reason}${failed === undefined ? '' : ` (before: ${failed})`}`,
          now,
        ),
      ),
    ),
  ),
];

const row = (
  word: string,
  what: string,
  by: string | undefined,
  at: string | undefined,
  reason: string | undefined,
  now: number,
): string[] => [
  status(word),
  plain(what),
  plain(by ?? 'nobody'),
  when(at, now) ?? '',
  plain(reason ?? 'no reason given'),
];
