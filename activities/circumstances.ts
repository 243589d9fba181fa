import type { Kind, SpecOf } from '../domain/document.ts';
import { DomainError } from '../domain/errors.ts';
import type { EnvironmentSpec } from '../domain/environment.ts';
import type { CatalogueStore, PlanStore } from '../domain/ports.ts';
import type { Level, ServiceSpec } from '../domain/service.ts';
import { levelOf } from '../domain/service.rules.ts';
import type { TeamSpec } from '../domain/team.ts';
import type { Trigger } from '../domain/operation-plan.ts';

/** What a plan is about, as the catalogue described it when the plan started. */
export interface Circumstances {
  plan: string;
  revision: number;
  template: string;
  service: ServiceSpec & { name: string };
  environment: EnvironmentSpec & { name: string };
  team: TeamSpec & { name: string };
  level: Level;
  dependencies: (ServiceSpec & { name: string })[];
  trigger: Pick<Trigger, 'artifact' | 'source' | 'change'>;
}

/**
 * Loads the circumstances of a plan as PostgreSQL has had them since its delivery was accepted, whatever a message says.
 * Refuses a plan that it does not know.
 */
export async function circumstancesOf(
  { catalogue, plans }: { catalogue: CatalogueStore; plans: Pick<PlanStore, 'find'> },
  plan: string,
): Promise<Circumstances> {
  const row = await plans.find(plan);
  if (!row) throw new DomainError('not-found', `there is no plan ${plan}`);
  const {
    service: serviceName,
    environment: environmentName,
    catalogueRevision: revision,
    template,
    trigger,
  } = row.commission;
  const service = await catalogue.find('Service', serviceName, revision);
  const environment = await catalogue.find('Environment', environmentName, revision);
  if (!service || !environment) {
    throw new DomainError(
      'not-found',
      `revision ${revision} has no service ${serviceName} or environment ${environmentName}`,
    );
  }
  const team = await documentAt(catalogue, 'Team', service.owner, revision);
  const dependencies = await Promise.all(
    service.dependsOn.map(async (name) => {
      const dependency = await catalogue.find('Service', name, revision);
      return dependency ? [{ name, ...dependency }] : [];
    }),
  );
  return {
    plan,
    revision,
    template,
    service: { name: serviceName, ...service },
    environment: { name: environmentName, ...environment },
    team: { name: service.owner, ...team },
    level: levelOf(service),
    dependencies: dependencies.flat(),
    trigger,
  };
}

/** What a document of a revision says. Refuses, for good, a name that the revision does not have. */
export async function documentAt<K extends Kind>(
  catalogue: CatalogueStore,
  kind: K,
  name: string,
  revision: number,
): Promise<SpecOf<K>> {
  const spec = await catalogue.find(kind, name, revision);
  if (!spec) throw new DomainError('not-found', `revision ${revision} has no ${inWords(kind)} ${name}`);
  return spec;
}

/** `PlanTemplate` is a plan template. */
const inWords = (kind: Kind): string => kind.replaceAll(/\B(?=[A-Z])/g, ' ').toLowerCase();

/** The names that rules see. */
export const ruleContext = ({ service, environment, team, level, dependencies, trigger }: Circumstances) => ({
  service,
  environment,
  team,
  level,
  dependencies,
  deployment: { artifact: trigger.artifact, source: trigger.source, change: trigger.change },
});

/** The names that placeholders see. */
export const placeholderValues = (
  { plan, service, environment, team, trigger }: Circumstances,
  more: { activity?: string; step?: string } = {},
): Record<string, string> => ({
  plan,
  service: service.name,
  team: team.name,
  artifact: trigger.artifact,
  ...Object.fromEntries(Object.entries(environment.variables).map(([name, value]) => [`environment.${name}`, value])),
  'environment.name': environment.name,
  ...more,
});
