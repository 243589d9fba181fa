import { canonical, sha256 } from '../digest.ts';
import type { ProblemFinding } from '../insight/finding.ts';
import type { Pattern, PatternRun } from '../pattern.ts';
import type { Identification } from '../problem.ts';
import type { ProblemRule } from '../problem-policy.ts';
import { exceedances } from './exceedance.ts';
import type { PatternEvidence } from './evidence.ts';
import { flapping, nearMisses, userMinutes } from './proactive.ts';
import { recurrences } from './recurrence.ts';
import { trends } from './trend.ts';

/** Said by nobody yet, so that nothing can be found in it. */
const unknown = [
  { rule: 'forecast', why: 'no capacity is measured' },
  { rule: 'advisory', why: 'no advisories of vendors are received' },
];

/** What keeps happening in a period, by every rule; sorted, so that the same evidence comes to the same. */
export const patternsIn = (
  evidence: PatternEvidence,
): Pick<PatternRun, 'patterns' | 'inconclusive' | 'incidents' | 'hash'> => {
  const found = [recurrences, exceedances, trends, flapping, userMinutes, nearMisses].map((find) => find(evidence));
  const patterns = found
    .flatMap((one) => one.patterns)
    .toSorted((a, b) => compare(a.rule, b.rule) || compare(a.pattern, b.pattern) || compare(a.why, b.why));
  return {
    patterns,
    inconclusive: [...found.flatMap((one) => one.inconclusive), ...unknown],
    incidents: evidence.profiles.length,
    // Whether somebody has opened a problem since changes nothing of the past.
    hash: sha256(canonical(patterns.map((pattern) => ({ ...pattern, problem: null })))),
  };
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const identifications: Record<ProblemRule, Identification> = {
  severity: 'reactive',
  workaround: 'reactive',
  change: 'reactive',
  recurrence: 'recurrence',
  'same-cause': 'recurrence',
  exceedance: 'statistical',
  trend: 'proactive',
  flapping: 'proactive',
  'user-minutes': 'proactive',
  'near-miss': 'proactive',
};

/** What a pattern says to whoever opens problems, and by which it is known that it said so. */
export const problemFindingOf = ({
  pattern,
  rule,
  title,
  team,
  service,
  incidents,
  why,
  window,
}: Pattern): { finding: ProblemFinding; found: string } => ({
  finding: {
    pattern,
    rule,
    identification: identifications[rule],
    title,
    team,
    ...(service === undefined ? {} : { service }),
    incidents: incidents.slice(-200),
    why: why.slice(0, 1_000),
    from: window.from,
  },
  found: String(incidents.at(-1) ?? window.until.slice(0, 10)),
});
