import type { Effectiveness, Problem } from '../problem.ts';
import { median } from '../statistics/percentile.rules.ts';
import { chanceOfSoLow } from '../statistics/rank-sum.rules.ts';

/** When an incident was felt, noticed and mitigated; ISO 8601, as far as it is known. */
export interface Course {
  openedAt: string;
  impactAt: string | undefined;
  detectedAt: string;
  mitigatedAt: string | undefined;
}

/** What a fix is to make shorter: the time until an incident is noticed, or until users feel it no longer. */
export type Measure = NonNullable<Effectiveness['measure']>;

const significance = 0.05;
/** Fewer that took as long show nothing yet. */
const fewestAfter = 3;

/** By what a fix is judged: one that detects or mitigates keeps no incident from coming. */
export const measureOf = ({ actions }: Pick<Problem, 'actions'>): Measure | undefined => {
  const kinds = new Set(
    actions.filter(({ status }) => status === 'done' || status === 'verified').map(({ kind }) => kind),
  );
  if (kinds.size !== 1) return undefined;
  return kinds.has('detect') ? 'mttd' : kinds.has('mitigate') ? 'mttm' : undefined;
};

/** What the times of incidents before a fix and since show of it, by the rank-sum test; `since` as ISO 8601. */
export const durationVerdict = (
  measure: Measure,
  courses: readonly Course[],
  since: string,
): Pick<Effectiveness, 'verdict' | 'measure' | 'minutes' | 'p'> => {
  const minutesOf = (isBefore: boolean): number[] =>
    courses
      .filter(({ openedAt }) => Date.parse(openedAt) < Date.parse(since) === isBefore)
      .flatMap((course) => minutesIn(measure, course) ?? []);
  const [before, after] = [minutesOf(true), minutesOf(false)];
  const p = chanceOfSoLow(before, after);
  if (p === undefined) return { verdict: 'undetermined', measure };
  const minutes = { before: median(before)!, after: median(after)! };
  const isAsLong = after.length >= fewestAfter && minutes.after >= minutes.before;
  const verdict = p < significance ? 'effective' : isAsLong ? 'not-effective' : 'undetermined';
  return { verdict, measure, minutes, p };
};

const minutesIn = (measure: Measure, { impactAt, detectedAt, mitigatedAt }: Course): number | undefined => {
  const end = measure === 'mttd' ? detectedAt : mitigatedAt;
  return impactAt === undefined || end === undefined ? undefined : (Date.parse(end) - Date.parse(impactAt)) / 60_000;
};
