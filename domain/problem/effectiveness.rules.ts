import type { Effectiveness } from '../problem.ts';

/** Occurrences, and the days over which they were counted. */
export interface Occurrences {
  incidents: number;
  days: number;
}

const significance = 0.05;
/** −ln 0.05, rounded as is usual: where nothing comes for 3/λ days, a rate of λ would have been seen with 95 %. */
const ruleOfThree = 3;

/**
 * Chance of at most so many afterwards if the rate had not changed, one-sided: given all occurrences, those afterwards are
 * binomial with the share of the days (Przyborowski and Wilenski, 1940). Undefined where nothing was counted.
 */
export const chanceOfSoFew = (before: Occurrences, after: Occurrences): number | undefined => {
  const all = before.incidents + after.incidents;
  if (all === 0 || before.days <= 0 || after.days <= 0) return undefined;
  const share = after.days / (before.days + after.days);
  let logTerm = all * Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let count = 1; count <= after.incidents; count += 1) {
    logTerm += Math.log((all - count + 1) / count) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
};

/** For how many days nothing may come before that says something: 3/λ. Undefined where nothing came before. */
export const daysUntilQuietCounts = ({ incidents, days }: Occurrences): number | undefined =>
  incidents === 0 ? undefined : (ruleOfThree * days) / incidents;

/** What the numbers show of a fix. As many as before, or more, is no improvement; few cases show nothing either way. */
export const verdictOf = (before: Occurrences, after: Occurrences): Omit<Effectiveness, 'at' | 'before' | 'after'> => {
  const p = chanceOfSoFew(before, after);
  const known = p === undefined ? {} : { p };
  const quietDays = daysUntilQuietCounts(before);
  if (quietDays === undefined) return { verdict: 'undetermined', ...known };
  const isQuiet = after.incidents === 0 && after.days >= quietDays;
  if (isQuiet || (p !== undefined && p < significance)) return { verdict: 'effective', ...known };
  const isAsOften = after.incidents / after.days >= before.incidents / before.days;
  return { verdict: after.incidents > 0 && isAsOften ? 'not-effective' : 'undetermined', ...known };
};
