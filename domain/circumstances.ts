import type { Kind, SpecOf } from './document.ts';
import { DomainError } from './errors.ts';
import type { EnvironmentSpec } from './environment.ts';
import { idOf, kindOf } from './identifiers.ts';
import type { Parameters } from './plan-template/parameter.ts';
import { isOfDeployment, type Trigger } from './trigger.ts';
import type { CatalogueStore } from './ports.ts';
import type { SeenByChecks } from './rule/scope.ts';
import type { Reference } from './reference.ts';
import type { DescribedService, Level, ServiceSpec } from './service.ts';
import { strictestPercent } from './objective/strictest.ts';
import { levelOf } from './service.rules.ts';
import type { SupplierSpec } from './supplier.ts';
import type { TeamSpec } from './team.ts';

/** What a record is about, as a revision of the catalogue describes it. */
export interface Circumstances {
  belongsTo: Reference;
  /** Of the catalogue. */
  revision: number;
  service: DescribedService;
  environment: EnvironmentSpec & { name: string };
  team: TeamSpec & { name: string };
  level: Level;
  dependencies: DescribedService[];
  /** Those who serve the service. */
  suppliers: (SupplierSpec & { name: string })[];
  /** Of a plan: what has set it off, and what it was told. */
  trigger?: Trigger;
  parameters?: Parameters;
}

/** Reads from the catalogue what there is to know of a place. Refuses one that the revision does not have. */
export async function circumstancesAt(
  catalogue: CatalogueStore,
  place: { belongsTo: Reference; service: string; environment: string; revision: number },
): Promise<Circumstances> {
  const { belongsTo, revision } = place;
  const service = await catalogue.find('Service', place.service, revision);
  const environment = await catalogue.find('Environment', place.environment, revision);
  const wanted = `service ${place.service} or environment ${place.environment}`;
  if (!service || !environment) throw new DomainError('not-found', `revision ${revision} has no ${wanted}`);
  const team = await documentAt(catalogue, 'Team', service.owner, revision);
  const dependencies = await Promise.all(
    service.dependsOn.map(async (name) => {
      const dependency = await catalogue.find('Service', name, revision);
      return dependency ? [await describedAt(catalogue, name, dependency, revision)] : [];
    }),
  );
  const named = await describedAt(catalogue, place.service, service, revision);
  const suppliers = (await catalogue.list('Supplier', revision)).filter(({ spec }) =>
    spec.services.some((served) => served.service === place.service),
  );
  return {
    belongsTo,
    revision,
    service: named,
    environment: { name: place.environment, ...environment },
    team: { name: service.owner, ...team },
    level: levelOf(named),
    dependencies: dependencies.flat(),
    suppliers: suppliers.map(({ name, spec }) => ({ name, ...spec })),
  };
}

/** A service with its objective. One whose SLO is not there has none. */
export const describedAt = async (
  catalogue: Pick<CatalogueStore, 'find'>,
  name: string,
  { slo: named, ...spec }: ServiceSpec,
  revision?: number,
): Promise<DescribedService> => {
  const slo = named === undefined ? undefined : await catalogue.find('SLO', named, revision);
  return {
    name,
    ...spec,
    ...(named !== undefined && slo ? { slo: { name: named, target: strictestPercent(slo) } } : {}),
  };
};

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
export const ruleContext = ({
  service,
  environment,
  team,
  level,
  dependencies,
  suppliers,
  trigger,
  parameters,
}: Circumstances): SeenByChecks => ({
  service,
  environment,
  team,
  level,
  dependencies,
  suppliers,
  ...(trigger ? seenOf(trigger, suppliers) : {}),
  ...(parameters ? { parameter: parameters } : {}),
});

/** What rules see of a trigger: its type, and what only some are about. */
const seenOf = (
  trigger: Trigger,
  suppliers: Circumstances['suppliers'],
): Pick<SeenByChecks, 'trigger' | 'deployment' | 'transition' | 'supplier'> => ({
  ...seenSupplier(trigger, suppliers),
  trigger: { type: trigger.type },
  ...(trigger.type === 'transition' ? { transition: { kind: trigger.kind, from: trigger.from, to: trigger.to } } : {}),
  ...(isOfDeployment(trigger)
    ? {
        deployment: {
          artifact: trigger.artifact,
          source: trigger.source,
          change: trigger.type === 'deployment' ? 'deployed' : 'rolled-back',
        },
      }
    : {}),
});

/** A supplier that has left the catalogue has nothing to be seen. */
const seenSupplier = (trigger: Trigger, suppliers: Circumstances['suppliers']): Pick<SeenByChecks, 'supplier'> => {
  const found = trigger.type === 'supplier' && suppliers.find(({ name }) => name === trigger.supplier);
  return found ? { supplier: found } : {};
};

/** The names that placeholders see. */
export const placeholderValues = (
  { belongsTo, service, environment, team, trigger, parameters = {} }: Circumstances,
  { activity, step }: { activity?: string; step?: string } = {},
): Record<string, string> => ({
  [kindOf(belongsTo)]: idOf(belongsTo),
  service: service.name,
  team: team.name,
  ...(trigger?.type === 'supplier' ? ofSupplier(trigger) : {}),
  ...(trigger && isOfDeployment(trigger) ? { artifact: trigger.artifact } : {}),
  ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`parameter.${name}`, String(value)])),
  ...Object.fromEntries(Object.entries(environment.variables).map(([name, value]) => [`environment.${name}`, value])),
  'environment.name': environment.name,
  ...(activity === undefined ? {} : { activity }),
  ...(step === undefined ? {} : { step }),
});

const ofSupplier = ({ supplier, access }: Extract<Trigger, { type: 'supplier' }>): Record<string, string> => ({
  supplier,
  ...(access ? { 'access.who': access.who, 'access.scope': access.scope, 'access.expires': access.expires } : {}),
});
