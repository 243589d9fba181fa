import type { Interval } from '../calendar/hours.ts';
import { milliseconds } from '../duration.ts';
import { availabilityOf } from '../metric/uptime.rules.ts';
import type { SupplierSpec } from '../supplier.ts';
import type { Outage } from './outage.ts';

/** A promise of the supplier beside what came of it; a value that is null was not measured. */
export interface ScorecardLine {
  metric: 'availability' | 'response';
  /** Percent of availability, or a duration of response. */
  target: string;
  /** Percent, by the supplier's definition: outages that are shorter than it counts are left out, minor ones are none. */
  theirs: number | null;
  /** Percent, by ours: every outage counts, a minor one for 30 % of its time. */
  ours: number | null;
  verdict: 'met' | 'missed' | 'unknown';
  /** Percent of the price that is given back, by their definition. */
  credit: number;
  why?: string;
}

/** What a supplier promised and what came of it, over a span (milliseconds) in which its feed was watched, if it was. */
export const scorecardOf = (
  { sla, statusFeed }: Pick<SupplierSpec, 'sla' | 'statusFeed'>,
  outages: readonly Outage[],
  watched: Interval | undefined,
): ScorecardLine[] =>
  sla.map((promise): ScorecardLine => {
    const { metric, percent, within, minOutage, credits } = promise;
    const unknown = { theirs: null, ours: null, verdict: 'unknown' as const, credit: 0 };
    if (metric === 'response')
      return { metric, target: within ?? '', ...unknown, why: 'nothing measures how fast they answer' };
    const target = `${percent ?? '?'} %`;
    if (!watched)
      return {
        metric,
        target,
        ...unknown,
        why: statusFeed ? 'its status feed was not watched then' : 'it has no status feed',
      };
    const leastMs = minOutage === undefined ? 0 : milliseconds(minOutage);
    const bad = spansOf(outages, ['major', 'critical'], watched);
    const theirs = percentOf(watched, { full: bad.filter(({ from, until }) => until - from >= leastMs), partial: [] });
    const ours = percentOf(watched, { full: bad, partial: spansOf(outages, ['minor'], watched) });
    const verdict = percent === undefined || theirs === null ? 'unknown' : theirs >= percent ? 'met' : 'missed';
    const owed = credits.filter(({ below }) => theirs !== null && theirs < below).map((credit) => credit.percent);
    return { metric, target, theirs, ours, verdict, credit: Math.max(0, ...owed) };
  });

/** What goes on still goes on until the end of the span. */
const spansOf = (
  outages: readonly Outage[],
  impacts: readonly Outage['impact'][],
  { until: end }: Interval,
): Interval[] =>
  outages
    .filter(({ impact }) => impacts.includes(impact))
    .map(({ startedAt, endedAt }) => ({
      from: Date.parse(startedAt),
      until: endedAt === undefined ? end : Date.parse(endedAt),
    }));

const percentOf = (span: Interval, down: { full: Interval[]; partial: Interval[] }): number | null => {
  const { value } = availabilityOf(span, { ...down, degraded: [], excluded: [] });
  return value === undefined ? null : Math.round(value * 100_000_000) / 1_000_000;
};
