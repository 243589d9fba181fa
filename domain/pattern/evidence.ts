import type { Interval } from '../calendar/hours.ts';
import type { IncidentProfile } from '../insight/profile.ts';
import type { IncidentObservation, PlanObservation } from '../metric/observation.ts';
import type { Pattern } from '../pattern.ts';
import type { ProblemPolicySpec } from '../problem-policy.ts';

/** An alert that changed its state, by when it did (milliseconds). */
export interface ChangedAlert {
  fingerprint: string;
  title: string;
  team: string;
  service: string | undefined;
  changes: readonly number[];
}

/** Everything that patterns are found in, and nothing else: no clock, no database. Instants in milliseconds. */
export interface PatternEvidence {
  period: Interval;
  /** When anything was known first: before that, nothing came since nothing was kept. */
  since: number | undefined;
  /** Of incidents of the period and before it, in the order of time; none of private ones. */
  profiles: readonly IncidentProfile[];
  /** What metrics know of incidents of the period, by number. */
  observations: ReadonlyMap<number, IncidentObservation>;
  plans: readonly PlanObservation[];
  /** Plans that an incident was opened for. */
  plansOfIncidents: ReadonlySet<string>;
  alerts: readonly ChangedAlert[];
  /** The open problem that takes what comes of a cluster. */
  problems: ReadonlyMap<string, number>;
  policyOf: (team: string) => ProblemPolicySpec;
}

export interface Findings {
  patterns: Pattern[];
  inconclusive: { rule: string; why: string }[];
}

export const periodText = ({ from, until }: Interval): Pattern['window'] => ({
  from: new Date(from).toISOString(),
  until: new Date(until).toISOString(),
});

/** What a cluster is called, and whose it is. */
export const aboutCluster = (
  some: readonly IncidentProfile[],
): Pick<Pattern, 'pattern' | 'title' | 'team' | 'service'> => {
  const last = some.at(-1)!;
  const { cluster, templates, team, service } = last;
  return {
    pattern: cluster,
    title: (templates[0]?.text ?? cluster).slice(0, 300),
    team,
    ...(service === undefined ? {} : { service }),
  };
};

export const mostIncidents = 200;
