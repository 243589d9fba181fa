import { isHeartbeatSource } from '../../domain/alert/heartbeat.ts';
import type { NamedRule } from '../../domain/alert/correlation.ts';
import type { Document } from '../../domain/document.ts';
import type { Dependencies } from '../../domain/topology.ts';
import type { FindGap } from '../../domain/alert/told.ts';
import type { SourceSpec } from '../../domain/source.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';

/** What of the catalogue correlation has to know, as of one revision. */
export interface CorrelationCatalogue {
  revision: number;
  sources: ReadonlyMap<string, SourceSpec>;
  /** Owner of each service. */
  owners: ReadonlyMap<string, string>;
  environments: ReadonlySet<string>;
  dependencies: Dependencies;
  /** By name, as they are asked. */
  rules: readonly NamedRule[];
  /** Those that keep people from being paged. */
  windows: readonly Document<'MaintenanceWindow'>[];
  store: CatalogueStorage;
}

export const catalogueOf = async (store: CatalogueStorage): Promise<CorrelationCatalogue> => {
  const revision = await store.revision();
  const [sources, services, environments, rules, windows] = await Promise.all([
    store.list('Source', revision),
    store.list('Service', revision),
    store.list('Environment', revision),
    store.list('CorrelationRule', revision),
    store.list('MaintenanceWindow', revision),
  ]);
  return {
    revision,
    sources: new Map(sources.map(({ name, spec }) => [name, spec])),
    owners: new Map(services.map(({ name, spec }) => [name, spec.owner])),
    environments: new Set(environments.map(({ name }) => name)),
    dependencies: new Map(services.map(({ name, spec }) => [name, spec.dependsOn])),
    rules: rules.map(({ name, spec }) => ({ name, spec })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    windows: windows.filter(({ spec }) => spec.silences !== undefined),
    store,
  };
};

/** Why an alert belongs nowhere. */
export const gapIn =
  ({ owners, environments }: CorrelationCatalogue): FindGap =>
  ({ service, environment }, { name, team, alerts }) => {
    if (service === undefined && isHeartbeatSource(name)) return `the ${name} names no service`;
    if (service === undefined)
      return `the alert has no label ${alerts.service.label}, and source ${name} no default for it`;
    const owner = owners.get(service);
    if (owner === undefined) return `the catalogue has no service ${service}`;
    if (owner !== team) return `service ${service} does not belong to team ${team}`;
    if (environment !== undefined && !environments.has(environment))
      return `the catalogue has no environment ${environment}`;
    return undefined;
  };
