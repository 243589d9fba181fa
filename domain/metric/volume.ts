import { incidentReference } from '../identifiers.ts';
import { mannKendall } from '../statistics/mann-kendall.rules.ts';
import { theilSen } from '../statistics/theil-sen.rules.ts';
import { Severity } from '../severity.ts';
import { type Evidence, failureModeOf, realOf } from './evidence.ts';
import { countOf, type Finding, inconclusive, inputsOf, partsOf, shareOf } from './finding.ts';
import type { IncidentObservation } from './observation.ts';

const dayMs = 86_400_000;
/** Fewer buckets show no trend that could be told from chance. */
const fewestBuckets = 4;
/** From so many days on a trend is of weeks: days of the week differ among each other. */
const daysForWeeks = 28;

/** How many were detected, by severity. */
export const incidentVolume = ({ incidents }: Evidence): Finding => {
  const all = countOf(
    inputsOf(realOf(incidents), (incident) => ({
      id: incidentReference(incident.number),
      value: 1,
      class: incident.severity,
    })),
  );
  return { ...all, parts: partsOf(all.inputs, Severity.options).map(({ name, n }) => ({ name, value: n, n })) };
};

/** Whether they become more: by whole weeks where there are four, else by whole days. */
export const incidentTrend = ({ incidents, period }: Evidence): Finding => {
  const days = Math.floor((period.until - period.from) / dayMs);
  const bucketDays = days >= daysForWeeks ? 7 : 1;
  const buckets = Math.floor(days / bucketDays);
  if (buckets < fewestBuckets) return inconclusive(`a trend takes at least ${fewestBuckets} days`);
  const counts = Array.from({ length: buckets }, () => 0);
  for (const { detectedAt } of realOf(incidents)) {
    const bucket = Math.floor((detectedAt - period.from) / (bucketDays * dayMs));
    if (bucket < buckets) counts[bucket]! += 1;
  }
  const { s, z, p } = mannKendall(counts);
  const slope = theilSen(counts)!;
  return {
    value: (slope * 7) / bucketDays,
    n: buckets,
    missing: 0,
    trend: { slope, p, s, z },
    policy: `counted by ${bucketDays === 7 ? 'week' : 'day'}; a trend where p < 0.05`,
    inputs: counts.map((count, at) => ({
      id: new Date(period.from + at * bucketDays * dayMs).toISOString(),
      value: count,
    })),
  };
};

/** Within so many days the same counts as a repeat. */
export const repeatWithinDays = 30;

/** Incidents that an earlier one within 30 days was the same as: of the same problem, of the same cluster, or said to follow it. */
export const repeatRate = ({ incidents, earlier, problems, clusters }: Evidence): Finding => {
  const before = [...realOf(earlier), ...realOf(incidents)].toSorted((a, b) => a.detectedAt - b.detectedAt);
  const last = new Map<string, number>();
  const repeats = new Set<number>();
  for (const incident of before) {
    const at = incident.detectedAt;
    for (const sameness of samenessOf(incident, { problems, clusters })) {
      const seenAt = last.get(sameness);
      if (seenAt !== undefined && at - seenAt <= repeatWithinDays * dayMs) repeats.add(incident.number);
      last.set(sameness, at);
    }
    if (incident.follows !== undefined) repeats.add(incident.number);
  }
  return {
    ...shareOf(
      inputsOf(realOf(incidents), (incident) => ({
        id: incidentReference(incident.number),
        value: Number(repeats.has(incident.number)),
      })),
    ),
    policy: `the same problem, the same cluster (or the same key of alerts where there is none), or said to follow another, within ${repeatWithinDays} days`,
  };
};

/** A problem that was opened later still has the same cluster as before. */
const samenessOf = (
  incident: IncidentObservation,
  { problems, clusters }: Pick<Evidence, 'problems' | 'clusters'>,
): string[] => {
  const modes = [failureModeOf(incident, { problems: noProblems, clusters })];
  if (problems.has(incident.number)) modes.push(failureModeOf(incident, { problems, clusters }));
  return modes.flatMap((found) => found?.mode ?? []);
};

const noProblems: Evidence['problems'] = new Map();

/** Of those that were resolved, those that were opened again. */
export const reopenRate = ({ incidents }: Evidence): Finding =>
  shareOf(
    inputsOf(realOf(incidents), ({ number, resolvedAt, reopened }) =>
      resolvedAt === undefined && reopened === 0
        ? undefined
        : { id: incidentReference(number), value: Number(reopened > 0) },
    ),
  );

/** Of those that somebody had, those that came back to somebody who had given them away. */
export const handBackRate = ({ incidents }: Evidence): Finding =>
  shareOf(
    inputsOf(realOf(incidents), ({ number, assignees }) =>
      assignees.length === 0 ? undefined : { id: incidentReference(number), value: Number(isHandedBack(assignees)) },
    ),
  );

/** A, B, A: equal neighbours count as one. */
const isHandedBack = (people: readonly string[]): boolean => {
  if (people.length < 3) return false;
  const turns = people.filter((person, at) => person !== people[at - 1]);
  return new Set(turns).size < turns.length;
};
