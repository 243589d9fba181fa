import type { DataSourceSpec } from './indicator.ts';
import type { SLOSpec, TimeWindow } from '../objective.ts';

export type Method = SLOSpec['budgetingMethod'];

/** In the units of the budgeting method: events, or slices. */
export interface Count {
  good: number;
  total: number;
}

/** When an alert is due: all of its windows, the longest first, burn at another rate than they should. */
export interface AlertRow {
  response: 'page' | 'ticket';
  windowsMs: number[];
  factor: number;
  /** A burn rate that is equal does not fire. */
  isStrict: boolean;
  /** Fires below the factor, as OpenSLO lets somebody write. */
  isBelow: boolean;
  afterMs: number;
}

export interface BudgetState extends Count {
  bad: number;
  /** How much may be bad in the window. */
  allowed: number;
  /** Share of the budget that is used, 1 when all is; undefined where there is none yet. */
  used: number | undefined;
}

export type Indicator =
  | { kind: 'ratio'; counter: boolean; part: 'good' | 'bad'; query: string; total: string }
  | { kind: 'raw'; isSuccess: boolean; query: string }
  | { kind: 'threshold'; query: string; op: 'lte' | 'gte' | 'lt' | 'gt'; value: number };

/** An objective as it is measured: what the documents say, put together. */
export interface ObjectiveDefinition {
  /** That of its SLO; of several objectives of one SLO the second is `<slo>.2`. */
  name: string;
  slo: string;
  title: string;
  service: string;
  team: string;
  target: number;
  /** Share that may be bad. */
  budget: number;
  method: Method;
  slotMs: number;
  sliceTarget: number | undefined;
  window: TimeWindow;
  indicator: Indicator;
  source: { name: string } & DataSourceSpec['connectionDetails'];
  /** Digest of what decides what a slot says: another question begins another series. */
  series: string;
  rows: AlertRow[];
  noDataAfterMs: number | undefined;
  /** Bad events in the longest window, below which no row fires. */
  leastBad: number;
}
