import type { PerformanceRecord, Scope } from '../metric.ts';
import type { Severity } from '../severity.ts';
import type { Computed } from './computation.ts';
import type { AlertCounts } from './evidence.ts';
import type { IncidentObservation, PlanObservation, PromisedAction } from './observation.ts';

/** What happened to a scope from an instant until before another (ISO 8601). */
export interface Observed extends Scope {
  from: string;
  until: string;
}

export interface ObservationStore {
  /** Detected then. */
  incidents(of: Observed): Promise<IncidentObservation[]>;
  /** Detected from the end of that time on, and felt before: what was noticed late, or written down afterwards. */
  noticedLater(of: Observed): Promise<IncidentObservation[]>;
  /** Detected then, and paused for a supplier. */
  supplied(of: Observed): Promise<IncidentObservation[]>;
  /** Opened then. */
  plans(of: Observed): Promise<PlanObservation[]>;
  /** Asked for then, one for each turn of a person. */
  pages(of: Observed): Promise<{ id: string; incident: number; team: string; at: number; severity: Severity }[]>;
  alertCounts(of: Observed): Promise<AlertCounts>;
  /** Of incidents that were detected then. */
  ratings(of: Observed): Promise<{ incident: number; person: string; score: number }[]>;
  /** Corrective actions of problems. */
  actions(scope: Scope): Promise<(PromisedAction & { id: string; isPrivate: boolean })[]>;
  /** Which problem each linked incident is one of; the first where there are several; no private ones. */
  problems(): Promise<Map<number, number>>;
  /** The cluster of each incident that was detected then, with what its title always says; none of private ones. */
  clusters(of: Pick<Observed, 'from' | 'until'>): Promise<Map<number, { cluster: string; title: string }>>;
  /** Heartbeats that beat, as of now. */
  beating(): Promise<Set<string>>;
}

export interface PerformanceRecordStore {
  /** Keeps what was computed of a scope and a period, each as its next revision unless the newest one says the same; in the same order. */
  keep(
    computed: readonly Computed[],
    of: Pick<PerformanceRecord, 'scope' | 'period'>,
    at: string,
  ): Promise<PerformanceRecord[]>;
  find(id: string): Promise<PerformanceRecord | undefined>;
}
