import type { Interval } from '../calendar/hours.ts';
import type { Document } from '../document.ts';
import { milliseconds } from '../duration.ts';
import { clockTermsOf } from '../incident/clock.ts';
import type { Period, PerformanceRecord, Scope } from '../metric.ts';
import type { ObjectiveStore } from '../objective/ports.ts';
import type { ObjectiveState } from '../objective/state.ts';
import type { CatalogueStore } from '../ports.ts';
import type { ServiceSpec } from '../service.ts';
import { usualSeverityPolicy } from '../severity-policy.ts';
import type { TeamSpec } from '../team.ts';
import { hopsFrom } from '../topology.ts';
import { isWorking, type WorkingHours, workingHoursOf } from '../working-hours.ts';
import { maintenanceOf, workedIn } from './agreed-time.ts';
import type { Needs } from './composition.rules.ts';
import type { Evidence, MeasuredPeriod } from './evidence.ts';
import type { ObservationStore } from './ports.ts';
import { repeatWithinDays } from './volume.ts';

export interface EvidencePorts {
  observations: ObservationStore;
  catalogue: Pick<CatalogueStore, 'list'>;
  objectives: Pick<ObjectiveStore, 'states' | 'read'>;
}

const dayMs = 86_400_000;

/** Reads everything that the metrics of a scope and a period are computed from; `now` is in milliseconds. */
export const gatherEvidence = async (
  { observations, catalogue, objectives }: EvidencePorts,
  scope: Scope,
  { from, until }: Period,
  now: number,
): Promise<Evidence & { sources: PerformanceRecord['sources'] }> => {
  const of = { ...scope, from, until };
  const before = { from: new Date(Date.parse(from) - repeatWithinDays * dayMs).toISOString(), until: from };
  const [services, teams, schedules, policies, environments, heartbeats, windows] = await Promise.all([
    catalogue.list('Service'),
    catalogue.list('Team'),
    catalogue.list('Schedule'),
    catalogue.list('SeverityPolicy'),
    catalogue.list('Environment'),
    catalogue.list('Heartbeat'),
    catalogue.list('MaintenanceWindow'),
  ]);
  const dependencies = new Map(services.map(({ name, spec }) => [name, spec.dependsOn]));
  const needs = new Map(services.map(({ name, spec }) => [name, needsIn(spec)]));
  const dependenciesOf = once((service: string) =>
    [...hopsFrom(service, dependencies, Number.POSITIVE_INFINITY).keys()].filter((name) => name !== service),
  );
  const needed = scope.service === undefined ? [] : dependenciesOf(scope.service);
  const needing = needed.map((service) => ({ environment: scope.environment, service, from: before.from, until }));
  const [
    incidents,
    earlier,
    plans,
    pages,
    alerts,
    ratings,
    actions,
    problems,
    clusters,
    beating,
    states,
    later,
    ...ofNeeded
  ] = await Promise.all([
    observations.incidents(of),
    observations.incidents({ ...scope, ...before }),
    observations.plans(of),
    observations.pages(of),
    observations.alertCounts(of),
    observations.ratings(of),
    observations.actions(scope),
    observations.problems(),
    observations.clusters({ from: before.from, until }),
    observations.beating(),
    objectives.states(),
    scope.service === undefined ? [] : observations.noticedLater(of),
    ...needing.flatMap((one) => [observations.incidents(one), observations.noticedLater(one)]),
  ]);

  const hoursOf = ({ workingHours, schedule: name }: Pick<TeamSpec, 'workingHours' | 'schedule'>): WorkingHours =>
    workingHoursOf({ workingHours }, schedules.find((schedule) => schedule.name === name)?.spec);
  const teamOf = new Map(teams.map(({ name, spec }) => [name, spec]));
  const policyOf = (team: string) =>
    policies.find(({ name }) => name === teamOf.get(team)?.severityPolicy)?.spec ?? usualSeverityPolicy;
  const start = Date.parse(from);
  // What has not passed yet is no time in which anything was up, quiet or worked.
  const period = { from: start, until: Math.max(start, Math.min(Date.parse(until), now)) };
  const owner = services.find(({ name }) => name === scope.service)?.spec.owner;
  const asked = teams.filter(({ name }) => [undefined, name].includes(owner ?? scope.team));
  const hours = new Map(teams.map(({ name, spec }) => [name, hoursOf(spec)]));
  return {
    period,
    now,
    service: scope.service,
    incidents,
    earlier,
    later,
    needed: ofNeeded.flat(),
    measured: await measuredIn(
      objectives,
      states.filter(({ service }) => service === scope.service),
      period,
    ),
    plans,
    ratings,
    actions,
    problems,
    clusters,
    alerts,
    pages: pages.map((page) => ({
      ...page,
      isOutOfHours: !isWorking(hours.get(page.team) ?? workingHoursOf({}), page.at),
      dueAt: page.at + milliseconds(policyOf(page.team).responses[page.severity].acknowledgeWithin),
    })),
    watches: servicesIn(scope, services).map(({ name }) => ({
      service: name,
      signals: [
        ...heartbeats
          .filter(({ spec }) => spec.service === name)
          .map((heartbeat) => ({ name: heartbeat.name, isFresh: beating.has(heartbeat.name) })),
        ...states
          .filter(({ service }) => service === name)
          .map((state) => ({ name: state.name, isFresh: isFreshAt(state, now) })),
      ],
    })),
    maintenance: scope.service === undefined ? [] : maintenanceOf(scope.service, scope.environment, windows, period),
    termsOf: once((team) =>
      clockTermsOf(
        policyOf(team),
        teamOf.get(team),
        schedules.find(({ name }) => name === teamOf.get(team)?.schedule)?.spec,
      ),
    ),
    workedMinutes: asked.reduce(
      (sum, { name, spec }) => sum + spec.members.length * workedIn(hours.get(name)!, period),
      0,
    ),
    productionOf: (environment) =>
      scope.environment === environment ||
      (scope.environment === undefined &&
        environments.some(({ name, spec }) => name === environment && spec.production)),
    needsOf: (service) => needs.get(service) ?? { all: [], oneOf: [] },
    dependenciesOf,
    sources: sourcesOf(incidents, plans, alerts.keptSince),
  };
};

/** A hundred thousand incidents have the same few services and teams. */
const once = <Value>(find: (name: string) => Value): ((name: string) => Value) => {
  const known = new Map<string, Value>();
  return (name) => {
    if (!known.has(name)) known.set(name, find(name));
    return known.get(name)!;
  };
};

/** What stands in a group is not needed by itself. */
const needsIn = ({ dependsOn, redundant: oneOf = [] }: ServiceSpec): Needs => {
  const grouped = new Set(oneOf.flat());
  return { all: dependsOn.filter((name) => !grouped.has(name)), oneOf };
};

const measuredIn = async (
  objectives: Pick<ObjectiveStore, 'read'>,
  states: readonly ObjectiveState[],
  period: Interval,
): Promise<MeasuredPeriod[]> => {
  const found: MeasuredPeriod[] = [];
  for (const { name, method, series } of states) {
    const [counted] = await objectives.read(series, [period]);
    const { good, total, empty } = counted!;
    if (total + empty > 0) found.push({ objective: name, method, good, total, empty });
  }
  return found;
};

/** Data that is older than twice the time between two looks is stale; they come each five minutes at most. */
const isFreshAt = ({ lastDataAt, slotMs }: ObjectiveState, now: number): boolean =>
  lastDataAt !== undefined && now - Date.parse(lastDataAt) <= 2 * Math.max(slotMs, 300_000);

/** The service that a scope is of, those of its team, or all. */
export const servicesIn = (scope: Scope, services: readonly Document<'Service'>[]): Document<'Service'>[] =>
  services.filter(
    ({ name, spec }) => [undefined, name].includes(scope.service) && [undefined, spec.owner].includes(scope.team),
  );

const sourcesOf = (
  incidents: Evidence['incidents'],
  plans: Evidence['plans'],
  eventsSince: string | undefined,
): PerformanceRecord['sources'] => {
  const latest = (times: readonly number[]): string | null =>
    times.length === 0 ? null : new Date(times.reduce((last, at) => Math.max(last, at))).toISOString();
  return [
    { name: 'incidents', freshAt: latest(incidents.map(({ detectedAt }) => detectedAt)) },
    { name: 'operation plans', freshAt: latest(plans.map(({ openedAt }) => openedAt)) },
    { name: 'events, kept since', freshAt: eventsSince ?? null },
  ];
};
