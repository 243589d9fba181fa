import type { Interval } from '../calendar/hours.ts';
import type { ClockTerms } from '../incident/clock.ts';
import type { Needs } from './composition.rules.ts';
import type { ObjectiveState } from '../objective/state.ts';
import type { IncidentObservation, PlanObservation, PromisedAction } from './observation.ts';

/** A page that somebody was sent. */
export interface PageObservation {
  /** A person's turn, whatever contacts were tried in it. */
  id: string;
  incident: number;
  team: string;
  /** Instants in milliseconds. */
  at: number;
  /** Not in the working hours of the team. */
  isOutOfHours: boolean;
  /** By when it was to be acknowledged. */
  dueAt: number;
}

/** What alerts came to. */
export interface AlertCounts {
  /** What senders told, one for each alert in each post; undefined of a service or an environment, which no event names. */
  events: number | undefined;
  /** Different alerts that were told of. */
  alerts: number;
  /** The first day of which events are still kept; undefined where none were dropped. */
  keptSince: string | undefined;
}

/** What watches a service, and when it was heard of last. */
export interface Watch {
  service: string;
  /** Heartbeats and objectives of it, and which of them are fresh. */
  signals: { name: string; isFresh: boolean }[];
}

/** What of its error budget an objective has used in a period: 1 is all of it. */
export interface ObjectivePeriod {
  objective: string;
  service: string;
  from: string;
  until: string;
  used: number;
}

/** What an objective counted in a period: good ones of all, in requests or in slices, and slices in which there was nothing to count. */
export interface MeasuredPeriod {
  objective: string;
  method: ObjectiveState['method'];
  good: number;
  total: number;
  empty: number;
}

/** Everything that metrics of a scope and a period are computed from, and nothing else: no clock, no database. */
export interface Evidence {
  period: Interval;
  now: number;
  /** Detected in the period; drills and what was none among them. */
  incidents: readonly IncidentObservation[];
  /** Incidents of the time before the period in which a repeat counts as one. */
  earlier: readonly IncidentObservation[];
  /** Opened in the period. */
  plans: readonly PlanObservation[];
  pages: readonly PageObservation[];
  alerts: AlertCounts;
  ratings: readonly { incident: number; person: string; score: number }[];
  /** Corrective actions of problems, due in the period or before and not done. */
  actions: readonly (PromisedAction & { id: string; isPrivate: boolean })[];
  /** Which problem an incident is one of; private ones are not named. */
  problems: ReadonlyMap<number, number>;
  /** Incidents that are the same again share a cluster; its title is what theirs always say. */
  clusters: ReadonlyMap<number, { cluster: string; title: string }>;
  /** Incidents of the service that were noticed after the period, and felt in it or before. */
  later: readonly IncidentObservation[];
  /** Incidents of what the service needs: before the period, in it, and noticed after it. */
  needed: readonly IncidentObservation[];
  /** What objectives of the service counted in the period. */
  measured: readonly MeasuredPeriod[];
  watches: readonly Watch[];
  /** The service that it is about; undefined of a team, or of all. */
  service: string | undefined;
  /** Agreed maintenance of the service. */
  maintenance: readonly Interval[];
  /** By which the clocks of a team's incidents count. */
  termsOf: (team: string) => ClockTerms;
  /** Working hours of all members of the teams in the period, together, in minutes. */
  workedMinutes: number;
  productionOf: (environment: string) => boolean;
  needsOf: (service: string) => Needs;
  /** Services that the service needs to work, directly or not. */
  dependenciesOf: (service: string) => readonly string[];
}

/** Incidents that were some: a drill is none, nor is what was cancelled. Kept, since nearly every metric asks. */
export const realOf = (incidents: readonly IncidentObservation[]): readonly IncidentObservation[] => {
  const known = real.get(incidents);
  if (known) return known;
  const found = incidents.filter((incident) => leavingOut(incident) === undefined);
  real.set(incidents, found);
  return found;
};
const real = new WeakMap<readonly IncidentObservation[], readonly IncidentObservation[]>();

/** Why an incident does not count, if it does not. */
export const leavingOut = ({ kind, cancelled }: IncidentObservation): string | undefined =>
  kind === 'drill' ? 'drill' : cancelled;

/** Minutes for which users felt it, until now (milliseconds) where they feel it still. */
export const feltMinutes = ({ open }: IncidentObservation, now: number): number => {
  const ms = open.reduce((sum, { from, until }) => sum + (until ?? now) - from, 0);
  return ms / 60_000;
};

/** Minutes between two instants; undefined while one is unknown. */
export const minutesBetween = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : (to - from) / 60_000;

/** What an incident is one of, if that is known: a problem, a cluster of what is similar, or else the key of its alerts. */
export const failureModeOf = (
  { number, key }: IncidentObservation,
  { problems, clusters }: Pick<Evidence, 'problems' | 'clusters'>,
): { mode: string; title: string } | undefined => {
  const problem = problems.get(number);
  if (problem !== undefined) return { mode: `problem/${problem}`, title: `problem ${problem}` };
  const found = clusters.get(number);
  if (found) return { mode: found.cluster, title: found.title };
  return key === undefined ? undefined : { mode: `alerts/${key}`, title: key };
};
