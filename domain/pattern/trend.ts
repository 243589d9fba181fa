import type { IncidentProfile } from '../insight/profile.ts';
import type { Pattern } from '../pattern.ts';
import { mannKendall } from '../statistics/mann-kendall.rules.ts';
import { theilSen } from '../statistics/theil-sen.rules.ts';
import { aboutCluster, type Findings, mostIncidents, type PatternEvidence, periodText } from './evidence.ts';

const weekMs = 7 * 86_400_000;

/** Clusters, and services as a whole, whose incidents rise from week to week: Mann-Kendall says that it is no chance, Theil-Sen how much. */
export const trends = (evidence: PatternEvidence): Findings => {
  const { profiles } = evidence;
  const ofClusters = [...Map.groupBy(profiles, ({ cluster }) => cluster).values()].map((some) =>
    trendOf(evidence, some, aboutCluster(some)),
  );
  const rising = new Set(ofClusters.flatMap(({ patterns }) => patterns.flatMap(({ service }) => service ?? [])));
  const ofServices = [...Map.groupBy(profiles, ({ service }) => service)].flatMap(([service, some]) =>
    service === undefined || rising.has(service)
      ? []
      : [
          trendOf(evidence, some, {
            pattern: `service/${service}/trend`,
            title: `Incidents of ${service} are rising`,
            team: some.at(-1)!.team,
            service,
          }),
        ],
  );
  const all = [...ofClusters, ...ofServices];
  return {
    patterns: all.flatMap(({ patterns }) => patterns),
    inconclusive: [...new Map(all.flatMap(({ inconclusive }) => inconclusive).map((one) => [one.why, one])).values()],
  };
};

const trendOf = (
  { period: { until }, since, policyOf, problems }: PatternEvidence,
  some: readonly IncidentProfile[],
  about: Pick<Pattern, 'pattern' | 'title' | 'team' | 'service'>,
): Findings => {
  const { weeks, p: significance, incidents: least } = policyOf(about.team).trend;
  const from = until - weeks * weekMs;
  const inWeeks = some.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < until);
  if (inWeeks.length < least) return { patterns: [], inconclusive: [] };
  if (since === undefined || since > from) {
    const why = `team ${about.team}: incidents are known for less than ${weeks} weeks`;
    return { patterns: [], inconclusive: [{ rule: 'trend', why }] };
  }
  const counts = Array.from({ length: weeks }, () => 0);
  for (const { at } of inWeeks) counts[Math.floor((Date.parse(at) - from) / weekMs)]! += 1;
  const { p } = mannKendall(counts);
  const slope = theilSen(counts)!;
  if (p >= significance || slope <= 0) return { patterns: [], inconclusive: [] };
  const problem = problems.get(about.pattern);
  return {
    patterns: [
      {
        ...about,
        rule: 'trend',
        window: periodText({ from, until }),
        incidents: inWeeks.map(({ number }) => number).slice(-mostIncidents),
        count: inWeeks.length,
        p,
        slope,
        why: `${slope.toFixed(2)} more each week for ${weeks} weeks (Mann-Kendall p ${p.toPrecision(2)})`,
        ...(problem === undefined ? {} : { problem }),
      },
    ],
    inconclusive: [],
  };
};
