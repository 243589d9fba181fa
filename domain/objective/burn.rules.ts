import type { AlertRow, Count, ObjectiveDefinition } from './definition.ts';
import { product } from './decimal.rules.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * Windows and shares of the budget of the multi-window, multi-burn-rate alerts (The Site Reliability Workbook, chapter 5):
 * a row fires when both windows burn faster than its factor.
 */
const table = [
  { response: 'page', longMs: hour, shortMs: 5 * minute, share: 0.02 },
  { response: 'page', longMs: 6 * hour, shortMs: 30 * minute, share: 0.05 },
  { response: 'ticket', longMs: day, shortMs: 2 * hour, share: 0.1 },
  { response: 'ticket', longMs: 3 * day, shortMs: 6 * hour, share: 0.1 },
] as const;

/** Burn rate at which a share of the budget of a period (milliseconds) is used within a window: share · period / window. */
export const factorFor = (share: number, periodMs: number, windowMs: number): number =>
  product(share, periodMs) / windowMs;

/** A factor above 1 / b never fires: nothing burns faster than all being bad. */
export const canFire = (factor: number, budget: number): boolean => product(factor, budget) < 1;

/** The rows of the table for a period, without those that could never fire or look further back than the period. */
export const usualRows = (periodMs: number, budget: number): AlertRow[] =>
  table
    .map(({ response, longMs, shortMs, share }) => ({
      response,
      windowsMs: [longMs, shortMs],
      factor: factorFor(share, periodMs, longMs),
      isStrict: true,
      isBelow: false,
      afterMs: 0,
    }))
    .filter(({ factor, windowsMs }) => canFire(factor, budget) && windowsMs[0]! <= periodMs);

/** Share of what is bad; undefined where there was nothing at all. */
export const badShareOf = ({ good, total }: Count): number | undefined =>
  total > 0 ? Math.max(0, total - good) / total : undefined;

/** How often as fast as evenly the budget burns; unrounded. Undefined where there was nothing at all. */
export const burnRateOf = (count: Count, budget: number): number | undefined => {
  const share = badShareOf(count);
  return share === undefined ? undefined : share / budget;
};

/** Whether a row fires; undefined while one of its windows has no data, which changes nothing. */
export const fires = (
  { windowsMs, factor, isStrict, isBelow }: AlertRow,
  { budget, leastBad }: Pick<ObjectiveDefinition, 'budget' | 'leastBad'>,
  countIn: (windowMs: number) => Count,
): boolean | undefined => {
  const limit = product(factor, budget);
  const counts = windowsMs.map(countIn);
  const shares = counts.map(badShareOf);
  if (shares.includes(undefined)) return undefined;
  const isOver = (share: number): boolean => {
    if (share === limit) return !isStrict;
    return isBelow ? share < limit : share > limit;
  };
  if (!shares.every((share) => isOver(share!))) return false;
  const { good, total } = counts[0]!;
  return isBelow || total - good >= leastBad;
};

/** Milliseconds until a row fires when a share `bad` of everything fails from now on; undefined: never. f · b · w / e. */
export const detectionMs = (
  { windowsMs, factor }: Pick<AlertRow, 'windowsMs' | 'factor'>,
  budget: number,
  bad: number,
): number | undefined => {
  const limit = product(factor, budget);
  return bad > limit ? (limit * windowsMs[0]!) / bad : undefined;
};

/** Milliseconds until a whole budget is used at this burn rate; undefined where nothing burns. */
export const exhaustionMs = (periodMs: number, burnRate: number | undefined): number | undefined =>
  burnRate === undefined || burnRate <= 0 ? undefined : periodMs / burnRate;

/**
 * How long nothing may be measured before that is an alert: as long as the first row takes to detect that all is bad, and a
 * hold, rounded to the minute.
 */
export const noDataAfterMs = (
  { windowsMs, factor }: Pick<AlertRow, 'windowsMs' | 'factor'>,
  budget: number,
  holdMs = 2 * minute,
): number => Math.round((product(factor, budget) * windowsMs[0]! + holdMs) / minute) * minute;
