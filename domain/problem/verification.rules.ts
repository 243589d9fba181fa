import type { Effectiveness, Problem, ProblemIn } from '../problem.ts';
import { closed } from './ask.rules.ts';
import { measureOf } from './duration-effect.rules.ts';
import { daysUntilQuietCounts } from './effectiveness.rules.ts';
import { resumed } from './record.rules.ts';

const dayMs = 86_400_000;
/** Where nothing was counted before the fix, there is no rate to wait by. */
const usualDays = 90;
/** Nobody waits longer at once, without being told how it stands. */
const mostDays = 365;

/** Sets when it is judged, once it is known how often it came before. */
export const counted = (problem: ProblemIn<'verifying'>, before: Effectiveness['before']): Problem => {
  const days = Math.min(mostDays, daysUntilQuietCounts(before) ?? usualDays);
  const { verification } = problem;
  const until = new Date(Date.parse(verification.since) + days * dayMs).toISOString();
  return { ...problem, verification: { ...verification, until } };
};

/** An incident that has come since the fix, of which somebody says that it has the same cause: no number says more, unless the fix is to notice or to mitigate. */
export const hasRecurred = ({ status, incidents, verification, actions }: Problem): boolean =>
  status === 'verifying' &&
  measureOf({ actions }) === undefined &&
  verification !== undefined &&
  incidents.some(({ isSameCause, at }) => isSameCause === true && at >= verification.since);

/** Takes the verdict: what has helped closes it, what has not opens the investigation again, else it is counted for as long again. */
export const judged = (problem: ProblemIn<'verifying'>, found: Effectiveness): Problem => {
  const { verification } = problem;
  const { since, until = found.at } = verification;
  switch (found.verdict) {
    case 'effective':
      return closed(
        { ...settled(problem, 'verified'), verification: { ...verification, last: found } },
        { resolution: 'fixed', outcome: outcomeOf(found), at: found.at },
      );
    case 'not-effective':
      return resumed(settled(problem, 'ineffective'));
    case 'undetermined': {
      const spanMs = Math.max(dayMs, Date.parse(until) - Date.parse(since));
      const next = new Date(Date.parse(found.at) + Math.min(spanMs, mostDays * dayMs)).toISOString();
      return { ...problem, verification: { since, until: next, last: found } };
    }
  }
};

const settled = (problem: ProblemIn<'verifying'>, status: 'verified' | 'ineffective'): ProblemIn<'verifying'> => ({
  ...problem,
  actions: problem.actions.map((action) => (action.status === 'done' ? { ...action, status } : action)),
});

/** The numbers in words: `4 in 90 days before the fix, 0 in 68 days since`, or `noticed after 12 min before the fix, after 3 min since`. */
export const outcomeOf = ({
  before,
  after,
  measure,
  minutes,
  p,
}: Pick<Effectiveness, 'before' | 'after' | 'measure' | 'minutes' | 'p'>): string => {
  const counts = `${before.incidents} in ${round(before.days)} days before the fix, ${after.incidents} in ${round(after.days)} days since`;
  const times =
    measure && minutes
      ? `${measure === 'mttd' ? 'noticed' : 'mitigated'} after ${round(minutes.before)} min before the fix, after ${round(minutes.after)} min since (medians); `
      : '';
  return `${times}${counts}${p === undefined ? '' : ` (p ${p.toPrecision(2)})`}`;
};

const round = (days: number): number => Math.round(days * 10) / 10;
