import type { LedgerEntry } from '../audit.ts';
import type { Arrival } from '../inbox.ts';
import type { IncidentProfile } from '../insight/profile.ts';
import type { Scope } from '../metric.ts';
import type { PatternCommission, PatternRun } from '../pattern.ts';
import type { ChangedAlert } from './evidence.ts';

export interface PatternRunStore {
  /** Opens what somebody or a schedule has asked for, once for each key; says which it is. */
  open(orderKey: string, order: Omit<PatternCommission, 'id'>, entry: (id: string) => LedgerEntry): Promise<string>;
  commission(id: string): Promise<PatternCommission | undefined>;
  find(id: string): Promise<PatternRun | undefined>;
  /** Keeps what was found, with what it tells, in one transaction; what was found first stays. */
  write(run: PatternRun, arrivals: readonly Arrival[]): Promise<void>;
}

/** What patterns are found in, beside what metrics know. */
export interface PatternEvidenceStore {
  /** Profiles of incidents that were detected then (ISO 8601), in the order of time; without private ones. */
  profiles(of: Pick<Scope, 'service' | 'team'> & { from: string; until: string }): Promise<IncidentProfile[]>;
  /** When the first incident that is known was detected; ISO 8601. */
  since(): Promise<string | undefined>;
  /** Alerts that changed since an instant (ISO 8601), by the changes of theirs that are kept. */
  changedAlerts(of: Pick<Scope, 'service' | 'team'> & { from: string }): Promise<ChangedAlert[]>;
  /** The open problem that takes what comes of each of these clusters. */
  problemsTaking(clusters: readonly string[]): Promise<Map<string, number>>;
}
