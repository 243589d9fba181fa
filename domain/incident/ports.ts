import type { AlertSeverity } from '../alert/severity.ts';
import type { Alert } from '../alert.ts';
import type { LedgerEntry } from '../audit.ts';
import type { Incident, IncidentCommission } from '../incident.ts';
import type { SavedBy } from '../ports.ts';
import type { Restoration } from '../restoration.ts';

/** The alerts of an incident, counted, what flaps as firing; instants of those that fire, and the last at which one ended. */
export interface CountedAlerts {
  news: number;
  total: number;
  firing: number;
  flapping: number;
  worst: AlertSeverity | null;
  startedAt: string | null;
  acknowledgedAt: string | null;
  endedAt: string | null;
}

/** What makes another incident of some alerts of one. */
export interface SplitOff {
  number: number;
  fingerprints: readonly string[];
  /** Opens it once. */
  triggerKey: string;
  opening: (next: number, alerts: readonly Alert[]) => { commission: IncidentCommission; entry: LedgerEntry };
}

export interface IncidentStore {
  find(
    number: number,
  ): Promise<
    | { record: Incident | null; workflowId: string; team: string; commission: IncidentCommission; openedAt: string }
    | undefined
  >;
  /** Those that are not over, the newest first, at most so many. */
  listOpen(most: number): Promise<{ number: number; record: Incident | null }[]>;
  /** What the incident was opened for, which never changes. */
  openedFor(number: number): Promise<IncidentCommission | undefined>;
  /** Saves the record and its ledger entries in one transaction; where a lost worker has saved other states, returns up to which revision. */
  save(record: Incident, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined>;
  /** How its alerts stand. */
  situationOf(number: number): Promise<CountedAlerts | undefined>;
  /** Opens what somebody or something else than an alert has asked for, once; says which it is. */
  open(
    triggerKey: string,
    opening: (number: number) => { commission: IncidentCommission; entry: LedgerEntry },
  ): Promise<number>;
  /** Writes down that a runbook was ordered, once for each number. Refuses one that would run by itself too often. */
  order(restoration: Omit<Restoration, 'orderedAt'>): Promise<Restoration>;
  restoration(incident: number, number: number): Promise<Restoration | undefined>;
  /** The one that an approval with this digest is about. */
  restorationBy(incident: number, digest: string): Promise<Restoration | undefined>;
  /** The titles of its alerts, each once. */
  alertNames(number: number): Promise<string[]>;
  /** What of its alerts fires or flaps, the worst first, as lines for people; all of them, shortened where they are many. */
  alertTitles(number: number): Promise<string[]>;
  /** Its alerts, and those of its key to come, belong to the other one from now on. */
  merge(number: number, into: number): Promise<void>;
  /** The incident that its alerts were split off to; undefined where that cannot be done. */
  split(ask: SplitOff): Promise<number | undefined>;
  /** Those that have it as their parent. */
  childrenOf(number: number): Promise<{ record: Incident | null; closedAt: string | null }[]>;
  /** Has its workflow told once more, or what still fires taken to another incident if it is over. */
  tellAgain(number: number): Promise<void>;
}
