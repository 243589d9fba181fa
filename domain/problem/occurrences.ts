import type { Occurrences } from './effectiveness.rules.ts';

const dayMs = 86_400_000;
const leastBaselineMs = 90 * dayMs;
const mostBaselineMs = 365 * dayMs;

/**
 * How often something came in a time before a fix, and since; instants in milliseconds. What is opened at a peak looks better
 * afterwards whatever is done: so the time before is 90 days at least, and as long as it has been coming, a year at most.
 */
export const occurrencesAround = (
  times: readonly string[],
  fixedAt: number,
  now: number,
): { before: Occurrences; after: Occurrences } => {
  const instants = times.map((time) => Date.parse(time));
  const earliest = Math.min(fixedAt, ...instants);
  const baselineMs = Math.min(mostBaselineMs, Math.max(leastBaselineMs, fixedAt - earliest));
  const within = (from: number, until: number): Occurrences => ({
    incidents: instants.filter((instant) => from <= instant && instant < until).length,
    days: (until - from) / dayMs,
  });
  return { before: within(fixedAt - baselineMs, fixedAt), after: within(fixedAt, Math.max(fixedAt, now)) };
};
