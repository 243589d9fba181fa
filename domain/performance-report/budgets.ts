import type { Period } from '../metric.ts';
import type { ObjectivePeriod } from '../metric/evidence.ts';
import { before } from '../metric/period.ts';
import { budgetState, sum } from '../objective/budget.rules.ts';
import { budgetOf } from '../objective/decimal.rules.ts';
import type { ObjectiveStore } from '../objective/ports.ts';
import type { ObjectiveState } from '../objective/state.ts';
import type { Span } from '../objective/window.ts';
import type { PerformanceReport } from '../performance-report.ts';

type Objectives = Pick<ObjectiveStore, 'read'>;

const dayMs = 86_400_000;
const mostDays = 400;
/** Signals look at how an objective stood in so many periods, this one among them. */
const periods = 4;

/** What of their budgets the objectives have used in a period, whatever their own windows are; `now` in milliseconds. */
export const budgetsOf = async (
  objectives: Objectives,
  states: readonly ObjectiveState[],
  period: Period,
  now: number,
): Promise<PerformanceReport['budgets']> => {
  const found: PerformanceReport['budgets'] = [];
  for (const state of states) {
    const days = daysOf(period, now);
    const counts = await objectives.read(state.series, days);
    const { allowed, used } = budgetIn(state, sum(counts), period, now);
    if (used === undefined) continue;
    let bad = 0;
    const left = counts.map((count, index) => {
      bad += count.total - count.good;
      return { at: new Date(days[index]!.until).toISOString(), left: 1 - bad / allowed };
    });
    found.push({ objective: state.name, target: state.target, used, left });
  }
  return found;
};

/** How objectives stood in a period and in those before it, as far as they were measured. */
export const objectivePeriodsOf = async (
  objectives: Objectives,
  states: readonly ObjectiveState[],
  period: Period,
  now: number,
): Promise<ObjectivePeriod[]> => {
  const all = [period];
  while (all.length < periods) all.push(before(all.at(-1)!));
  const found: ObjectivePeriod[] = [];
  for (const state of states) {
    const readings = await objectives.read(
      state.series,
      all.map(({ from, until }) => ({ from: Date.parse(from), until: Date.parse(until) })),
    );
    for (const [index, reading] of readings.entries()) {
      const { used } = budgetIn(state, reading, all[index]!, now);
      if (used !== undefined && reading.total > 0)
        found.push({ objective: state.name, service: state.service, ...all[index]!, used });
    }
  }
  return found;
};

/** Slices that are still to come are part of the budget; how many events will come nobody knows. */
const budgetIn = (
  { target, method, slotMs }: ObjectiveState,
  counted: { good: number; total: number },
  { from, until }: Period,
  now: number,
) => {
  const toCome = Math.max(0, Date.parse(until) - Math.max(now, Date.parse(from)));
  return budgetState(counted, {
    budget: budgetOf(target),
    toCome: method === 'Occurrences' ? 0 : Math.floor(toCome / slotMs),
  });
};

const daysOf = ({ from, until }: Period, now: number): Span[] => {
  const [start, end] = [Date.parse(from), Math.min(Date.parse(until), now)];
  const days: Span[] = [];
  for (let at = start; at < end && days.length < mostDays; at += dayMs)
    days.push({ from: at, until: Math.min(end, at + dayMs) });
  return days;
};
