import { milliseconds } from '../duration.ts';
import type { IncidentProfile } from '../insight/profile.ts';
import { termOf } from '../insight/term.rules.ts';
import type { Pattern } from '../pattern.ts';
import { aboutCluster, type Findings, mostIncidents, type PatternEvidence, periodText } from './evidence.ts';

/** Clusters of which so many came within a span, and services where so many seem to come from the same. */
export const recurrences = (evidence: PatternEvidence): Findings => {
  const byCluster = Map.groupBy(evidence.profiles, ({ cluster }) => cluster);
  const similar = [...byCluster.values()].flatMap((some) => {
    const { recurrence } = policyFor(evidence, some);
    return mostCrowded(evidence, some, milliseconds(recurrence.within), recurrence.incidents).map(
      (pattern): Pattern => ({
        ...pattern,
        rule: 'recurrence',
        why: `${pattern.count} similar incidents within ${recurrence.within}`,
      }),
    );
  });
  const byCause = Map.groupBy(
    evidence.profiles.flatMap((profile) => profile.causes.map((cause) => ({ cause, profile }))),
    ({ cause, profile }) => termOf.cause(cause, profile),
  );
  const alike = [...byCause.values()].flatMap((some) => {
    const profiles = some.map(({ profile }) => profile);
    const { sameCause } = policyFor(evidence, profiles);
    return mostCrowded(evidence, profiles, milliseconds(sameCause.within), sameCause.incidents).map(
      (pattern): Pattern => ({
        ...pattern,
        rule: 'same-cause',
        why: `${pattern.count} incidents within ${sameCause.within} that seem to come from the same (${some[0]!.cause})`,
      }),
    );
  });
  return { patterns: [...similar, ...alike], inconclusive: [] };
};

const policyFor = ({ policyOf }: PatternEvidence, some: readonly IncidentProfile[]) => policyOf(some.at(-1)!.team);

/** The span that ends in the period with the most of them, if they are enough: the latest where there are several. */
const mostCrowded = (
  { period, problems }: PatternEvidence,
  some: readonly IncidentProfile[],
  spanMs: number,
  least: number,
): Omit<Pattern, 'rule' | 'why'>[] => {
  const all = some.map(({ number, at }) => ({ number, at: Date.parse(at) }));
  let first = 0;
  let best: { end: number; incidents: number[] } | undefined;
  for (const [last, { at: end }] of all.entries()) {
    while (all[first]!.at < end - spanMs) first += 1;
    const count = last - first + 1;
    if (end >= period.from && count >= least && count >= (best?.incidents.length ?? 0))
      best = { end, incidents: all.slice(first, last + 1).map(({ number }) => number) };
  }
  if (!best) return [];
  const about = aboutCluster(some);
  const problem = problems.get(about.pattern);
  return [
    {
      ...about,
      window: periodText({ from: best.end - spanMs, until: best.end }),
      incidents: best.incidents.slice(-mostIncidents),
      count: best.incidents.length,
      ...(problem === undefined ? {} : { problem }),
    },
  ];
};
