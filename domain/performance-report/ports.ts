import type { LedgerEntry } from '../audit.ts';
import type { FailedFix } from '../improvement-signal/conditions.ts';
import type { Scope } from '../metric.ts';
import type { PerformanceReport, ReportCommission } from '../performance-report.ts';

export interface PerformanceReportStore {
  /** Opens what somebody or a schedule has asked for, once for each key; says which it is. */
  open(orderKey: string, order: Omit<ReportCommission, 'id'>, entry: (id: string) => LedgerEntry): Promise<string>;
  commission(id: string): Promise<ReportCommission | undefined>;
  find(id: string): Promise<PerformanceReport | undefined>;
  /** Keeps the report as it was written; the first one stays. */
  write(report: PerformanceReport): Promise<PerformanceReport>;
  /** Titles of incidents that everybody of their team may see. */
  titles(numbers: readonly number[]): Promise<Map<number, string>>;
  /** Problems of the scope that are open, or were closed since then; without private ones. */
  problems(scope: Scope, since: string): Promise<PerformanceReport['problems']>;
  failedFixes(scope: Scope): Promise<FailedFix[]>;
  /** Waivers and accepted risks that expire before an instant. */
  expiring(
    scope: Scope,
    services: readonly string[],
    now: string,
    until: string,
  ): Promise<PerformanceReport['expiring']>;
}
