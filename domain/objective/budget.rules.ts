import { badShareOf, burnRateOf } from './burn.rules.ts';
import { product } from './decimal.rules.ts';
import type { BudgetState, Count, Method } from './definition.ts';

/** What one slot counts for by its method: events, slices that are good or bad, or the share of a slice. */
export const unitsOf = ({ good, total }: Count, method: Method, sliceTarget: number | undefined): Count => {
  if (total <= 0) return { good: 0, total: 0 };
  switch (method) {
    case 'Occurrences':
      return { good: Math.min(good, total), total };
    case 'Timeslices':
      return { good: good / total >= (sliceTarget ?? 1) ? 1 : 0, total: 1 };
    case 'RatioTimeslices':
      return { good: Math.min(1, Math.max(0, good / total)), total: 1 };
  }
};

export const sum = (counts: readonly Count[]): Count => ({
  good: counts.reduce((all, { good }) => all + good, 0),
  total: counts.reduce((all, { total }) => all + total, 0),
});

/**
 * How a budget stands. Of slices the whole window counts, also what is still to come of it (`toCome` slices); of events nobody
 * knows how many come, so the budget is a share of those that there were. Slots without data are in neither.
 */
export const budgetState = (
  counted: Count,
  { budget, toCome = 0 }: { budget: number; toCome?: number },
): BudgetState => {
  const bad = Math.max(0, counted.total - counted.good);
  const allowed = product(budget, counted.total + toCome);
  return { ...counted, bad, allowed, used: allowed > 0 ? bad / allowed : undefined };
};

/** The share of the objective that was met, and how fast its budget burnt. */
export const attainment = (counted: Count, budget: number): { met?: number; burnRate?: number } => {
  const [bad, burnRate] = [badShareOf(counted), burnRateOf(counted, budget)];
  return bad === undefined || burnRate === undefined ? {} : { met: 1 - bad, burnRate };
};
