import { milliseconds } from '../duration.ts';
import type { IncidentProfile } from '../insight/profile.ts';
import type { Pattern } from '../pattern.ts';
import { discoveries } from '../statistics/benjamini-hochberg.rules.ts';
import { chanceOfSoMany } from '../statistics/count.rules.ts';
import { aboutCluster, type Findings, mostIncidents, type PatternEvidence, periodText } from './evidence.ts';

/** Fewer spans before tell nothing of what was to be expected. */
const fewestSpans = 4;
/** Where nothing came before, it is taken that half a case did: never seen is not impossible. */
const unseen = 0.5;

interface Test {
  pattern: Pattern;
  least: number;
  p: number;
}

/**
 * Clusters of which more came than was to be expected of the spans before: Poisson, or negative binomial where counts vary more than by
 * chance. Of all clusters of a team and all spans of the period together a share may be found by chance (Benjamini and Hochberg).
 */
export const exceedances = (evidence: PatternEvidence): Findings => {
  const teams = Map.groupBy(evidence.profiles, ({ team }) => team);
  const found = [...teams].map(([team, profiles]) => inTeam(evidence, team, profiles));
  return {
    patterns: found.flatMap(({ patterns }) => patterns),
    inconclusive: found.flatMap(({ inconclusive }) => inconclusive),
  };
};

const inTeam = (evidence: PatternEvidence, team: string, profiles: readonly IncidentProfile[]): Findings => {
  const { period, since = period.from } = evidence;
  const { exceedance } = evidence.policyOf(team);
  const spanMs = milliseconds(exceedance.within);
  const most = Math.floor(milliseconds(exceedance.baseline) / spanMs);
  const clusters = [...Map.groupBy(profiles, ({ cluster }) => cluster).values()];
  const tests: Test[] = [];
  let isTooEarly = false;
  for (let until = period.until; until - spanMs >= period.from || until === period.until; until -= spanMs) {
    const from = until - spanMs;
    const spans = Math.min(most, Math.floor((from - since) / spanMs));
    if (spans < fewestSpans) isTooEarly = true;
    else for (const some of clusters) tests.push(testOf(evidence, some, { from, until }, spans, exceedance.incidents));
  }
  const isFound = discoveries(
    tests.map(({ p }) => p),
    exceedance.falseDiscoveries,
  );
  const patterns = tests.flatMap(({ pattern, least }, at) =>
    isFound[at] && pattern.count >= least ? [{ ...pattern, tests: tests.length }] : [],
  );
  // Of each cluster the span that is least likely.
  const best = [...Map.groupBy(patterns, ({ pattern }) => pattern).values()].map(
    (some) => some.toSorted((a, b) => a.p! - b.p!)[0]!,
  );
  const why = `team ${team}: incidents are known for fewer than ${fewestSpans} spans of ${exceedance.within} before`;
  return { patterns: best, inconclusive: isTooEarly ? [{ rule: 'exceedance', why }] : [] };
};

const testOf = (
  { problems }: PatternEvidence,
  some: readonly IncidentProfile[],
  span: { from: number; until: number },
  spans: number,
  least: number,
): Test => {
  const lengthMs = span.until - span.from;
  const earlier = Array.from({ length: spans }, () => 0);
  const inSpan: number[] = [];
  for (const { number, at } of some) {
    const ago = Math.floor((span.until - 1 - Date.parse(at)) / lengthMs);
    if (ago === 0) inSpan.push(number);
    else if (ago > 0 && ago <= spans) earlier[ago - 1]! += 1;
  }
  const sum = earlier.reduce((all, count) => all + count, 0);
  const expected = Math.max(sum, unseen) / spans;
  const count = inSpan.length;
  const p = count === 0 ? 1 : chanceOfSoMany(count, sum === 0 ? [expected] : earlier);
  const about = aboutCluster(some);
  const problem = problems.get(about.pattern);
  const days = Math.round((lengthMs / 86_400_000) * 10) / 10;
  return {
    least,
    p,
    pattern: {
      ...about,
      rule: 'exceedance',
      window: periodText(span),
      incidents: inSpan.slice(-mostIncidents),
      count,
      expected,
      p,
      why: `${count} incidents in ${days} days where ${expected.toFixed(2)} were to be expected (p ${p.toPrecision(2)})`,
      ...(problem === undefined ? {} : { problem }),
    },
  };
};
