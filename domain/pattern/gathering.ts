import { milliseconds } from '../duration.ts';
import type { Period, Scope } from '../metric.ts';
import type { ObservationStore } from '../metric/ports.ts';
import type { CatalogueStore } from '../ports.ts';
import { type ProblemPolicySpec, usualProblemPolicy } from '../problem-policy.ts';
import type { PatternEvidence } from './evidence.ts';
import type { PatternEvidenceStore } from './ports.ts';

export interface PatternPorts {
  patternEvidence: PatternEvidenceStore;
  observations: Pick<ObservationStore, 'incidents' | 'plans'>;
  catalogue: Pick<CatalogueStore, 'list'>;
}

/** Reads everything that patterns of a scope and a period are found in, as of `now` (milliseconds). */
export const gatherPatternEvidence = async (
  { patternEvidence, observations, catalogue }: PatternPorts,
  scope: Scope,
  { from, until: end }: Period,
  now: number,
): Promise<PatternEvidence> => {
  // What has not passed yet is no time in which nothing came.
  const until = new Date(Math.min(Date.parse(end), now)).toISOString();
  const [teams, policies] = await Promise.all([catalogue.list('Team'), catalogue.list('ProblemPolicy')]);
  const byTeam = new Map(
    teams.map(({ name, spec }) => [
      name,
      policies.find((policy) => policy.name === spec.problemPolicy)?.spec ?? usualProblemPolicy,
    ]),
  );
  const start = Date.parse(from);
  const earliest = Math.max(0, start - Math.max(...[usualProblemPolicy, ...byTeam.values()].map(lookBackMs)));
  const { service, team } = scope;
  const of = { ...(service && { service }), ...(team && { team }) };
  const [known, seen, plans, alerts, since] = await Promise.all([
    patternEvidence.profiles({ ...of, from: new Date(earliest).toISOString(), until }),
    observations.incidents({ ...scope, from, until }),
    observations.plans({ ...scope, from, until }),
    patternEvidence.changedAlerts({ ...of, from }),
    patternEvidence.since(),
  ]);
  const { environment } = scope;
  const profiles = known.filter((profile) => environment === undefined || profile.environment === environment);
  return {
    period: { from: start, until: Date.parse(until) },
    since: since === undefined ? undefined : Date.parse(since),
    profiles,
    observations: new Map(seen.map((one) => [one.number, one])),
    plans,
    plansOfIncidents: new Set(seen.flatMap(({ plan }) => plan ?? [])),
    alerts,
    problems: await patternEvidence.problemsTaking([...new Set(profiles.map(({ cluster }) => cluster))]),
    policyOf: (name) => byTeam.get(name) ?? usualProblemPolicy,
  };
};

/** How long before the period something counts. */
const lookBackMs = ({ recurrence, sameCause, exceedance, trend }: ProblemPolicySpec): number =>
  Math.max(
    ...[recurrence.within, sameCause.within, exceedance.baseline].map(milliseconds),
    trend.weeks * 7 * 86_400_000,
  );
