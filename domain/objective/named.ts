import { type Lookup, lookupIn } from '../catalogue/lookup.ts';
import type { Document, Kind } from '../document.ts';
import type { CatalogueStore } from '../ports.ts';
import { objectivesOf } from './define.ts';
import { nameOfObjective } from './name.rules.ts';
import type { ObjectiveDefinition } from './definition.ts';

const kinds = ['Service', 'DataSource', 'SLI', 'AlertPolicy', 'AlertCondition'] as const satisfies Kind[];

/**
 * An objective as the catalogue has it now (milliseconds), with the policies that there are. Undefined: there is none. Without a
 * definition: it is promised, and there is nothing to ask for it.
 */
export const objectiveNamed = async (
  catalogue: CatalogueStore,
  name: string,
  now: number,
): Promise<{ objective: ObjectiveDefinition | undefined; policies: Document<'ErrorBudgetPolicy'>[] } | undefined> => {
  const revision = await catalogue.revision();
  const slo = name.split('.', 1)[0]!;
  const spec = await catalogue.find('SLO', slo, revision);
  if (!spec || !namesOf({ name: slo, spec }).includes(name)) return undefined;
  const [services, ...others] = await Promise.all(
    kinds.map((kind): Promise<Document[]> => catalogue.list(kind, revision)),
  );
  const lookup = lookups.get(services!) ?? lookupIn([...services!, ...others.flat()]);
  lookups.set(services!, lookup);
  const objective = objectivesOf({ name: slo, spec }, lookup, now).find((one) => one.name === name);
  return { objective, policies: await catalogue.list('ErrorBudgetPolicy', revision) };
};

/** By the services of a revision, which are read once: thousands of objectives are looked up in it each minute. */
const lookups = new WeakMap<readonly Document[], Lookup>();

/** All objectives as the catalogue has them now (milliseconds). */
export const objectivesIn = async (catalogue: CatalogueStore, now: number): Promise<ObjectiveDefinition[]> => {
  const revision = await catalogue.revision();
  const [slos, ...documents] = await Promise.all([
    catalogue.list('SLO', revision),
    ...kinds.map((kind): Promise<Document[]> => catalogue.list(kind, revision)),
  ]);
  const lookup = lookupIn(documents.flat());
  return slos.flatMap((slo) => objectivesOf(slo, lookup, now));
};

/** Names of the objectives of an SLO: its own, and `<slo>.2` for the second one. */
export const namesOf = ({ name, spec }: Pick<Document<'SLO'>, 'name' | 'spec'>): string[] =>
  spec.objectives.map((_, at) => nameOfObjective(name, at));
