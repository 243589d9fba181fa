import type { BudgetRule } from '../error-budget-policy.ts';
import { lastSlotEnd } from './asking.rules.ts';
import { budgetState } from './budget.rules.ts';
import { burnRateOf, fires } from './burn.rules.ts';
import type { AlertRow, BudgetState, Count, ObjectiveDefinition } from './definition.ts';
import { windowOf } from './wanted.ts';
import { type Span, windowAt } from './window.ts';

/** What a series has of a span: its counts, how many slots of it were looked at, and how many had no data. */
export interface Reading extends Count {
  slots: number;
  empty: number;
}

/** Whether a condition holds; undefined while nobody can say, which changes nothing. */
export interface Verdict {
  alert: string;
  response: AlertRow['response'];
  fires: boolean | undefined;
  afterMs: number;
  why: string;
}

export interface Evaluation {
  window: Span;
  budget: BudgetState;
  /** Slots of the window that have passed and were not looked at, and that had no data. */
  unmeasured: number;
  empty: number;
  burnRates: { windowMs: number; burnRate: number | undefined }[];
  verdicts: Verdict[];
}

/** How far back the alerts of an objective look, and the rules of policies that are about it. */
export const lookbacksOf = ({ rows }: ObjectiveDefinition, rules: readonly BudgetRule[]): number[] => [
  ...new Set([
    3_600_000,
    ...rows.flatMap(({ windowsMs }) => windowsMs),
    ...rules.flatMap((rule) => windowOf(rule) ?? []),
  ]),
];

/**
 * How an objective stands at an instant (milliseconds), to which its series is measured; `now` is the clock, which is later.
 * `read` gives what the series has of a span.
 */
export const evaluate = (
  objective: ObjectiveDefinition,
  {
    asOf,
    now,
    lastDataAt,
    lookbacks,
  }: { asOf: number; now: number; lastDataAt: number | undefined; lookbacks: readonly number[] },
  read: (span: Span) => Reading,
): Evaluation => {
  const { budget, slotMs, method } = objective;
  const window = windowAt(objective.window, asOf);
  const counted = read({ from: window.from, until: asOf });
  const toCome = method === 'Occurrences' ? 0 : Math.max(0, Math.floor((window.until - asOf) / slotMs));
  const passed = Math.round((asOf - window.from) / slotMs);
  const countIn = (windowMs: number): Count => read({ from: asOf - windowMs, until: asOf });
  // What is known is too old to say how things are now.
  const isStale = now - asOf > staleMs + slotMs;
  return {
    window,
    budget: budgetState(counted, { budget, toCome }),
    unmeasured: Math.max(0, passed - counted.slots),
    empty: counted.empty,
    burnRates: lookbacks.map((windowMs) => ({ windowMs, burnRate: burnRateOf(countIn(windowMs), budget) })),
    verdicts: [
      ...objective.rows.map((row) => verdictOf(row, objective, countIn, isStale)),
      ...noDataVerdict(objective, now, lastDataAt),
    ],
  };
};

const staleMs = 5 * 60_000;

const verdictOf = (
  row: AlertRow,
  objective: ObjectiveDefinition,
  countIn: (windowMs: number) => Count,
  isStale: boolean,
): Verdict => {
  const { response, windowsMs, factor, afterMs, isBelow } = row;
  const rate = burnRateOf(countIn(windowsMs[0]!), objective.budget);
  const said = rate === undefined ? 'unknown' : Number(rate.toPrecision(4));
  return {
    alert: `${response}-${spanText(windowsMs[0]!)}-${Number(factor.toPrecision(4))}`,
    response,
    fires: isStale ? undefined : fires(row, objective, countIn),
    afterMs,
    why: `burn rate ${said} over ${spanText(windowsMs[0]!)}, ${isBelow ? 'below' : 'above'} ${Number(factor.toPrecision(4))}`,
  };
};

/** Only slots that could have been asked for say that there is no data. */
const noDataVerdict = (
  { noDataAfterMs, slotMs }: ObjectiveDefinition,
  now: number,
  lastDataAt: number | undefined,
): Verdict[] => {
  if (noDataAfterMs === undefined || lastDataAt === undefined) return [];
  const since = new Date(lastDataAt).toISOString();
  const isSilent = lastSlotEnd(now, slotMs) - (lastDataAt + slotMs) >= noDataAfterMs;
  return [{ alert: 'no-data', response: 'ticket', fires: isSilent, afterMs: 0, why: `no data since ${since}` }];
};

/** `1h`, `30m`: in the largest unit that fits. */
export const spanText = (ms: number): string => {
  const [unit, length] = (
    [
      ['d', 86_400_000],
      ['h', 3_600_000],
      ['m', 60_000],
    ] as const
  ).find(([, each]) => ms % each === 0) ?? ['s', 1_000];
  return `${ms / length}${unit}`;
};
