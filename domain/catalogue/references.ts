import type { Document, Kind } from '../document.ts';
import { DomainError } from '../errors.ts';
import { findCycle } from '../operation-plan/graph.rules.ts';
import { checkRule } from '../rule.ts';
import { type ByKind, gather } from './by-kind.ts';
import { undecidable } from './deciders.ts';
import { hint } from './suggestion.ts';
import { type Path, type Problem, problemAt } from './location.ts';
import { isPlaceholder, placeholdersOf, urlFault } from './placeholder.ts';
import type { Located, Named } from './read.ts';
import { type Mention, mentionsOf, rulesOf, templatesOf } from './marked.ts';

/**
 * What is wrong between documents, and inside one beyond its form. `existing` is the catalogue as it stands; an applied
 * document takes the place of the one with its kind and name. What is `faulty` is there all the same.
 */
export function checkReferences(
  applied: readonly Located[],
  existing: readonly Document[] = [],
  faulty: readonly Named[] = [],
): { problems: Problem[]; warnings: Problem[] } {
  const catalogue = new Map<string, Document>();
  for (const document of [...existing, ...applied.map((located) => located.document)]) {
    catalogue.set(`${document.kind} ${document.name}`, document);
  }
  const find: Find = (kind, name) => catalogue.get(`${kind} ${name}`);
  const variables = variablesOf([...catalogue.values()]);
  const namesOf = (kind: Kind): string[] =>
    [...catalogue.values(), ...faulty].filter((document) => document.kind === kind).map(({ name }) => name);

  const isFaulty = ({ kind, name }: Named): boolean =>
    faulty.some((document) => document.kind === kind && document.name === name);

  const problems = applied.flatMap(({ document, locations }) =>
    [
      ...mentionsOf(document).flatMap((mention) => (isFaulty(mention) ? [] : missing(mention, find, namesOf))),
      ...strangersOf(document, find),
      ...gather(graphs, document),
      ...repeatedNames(document),
      ...textFaults(document, variables),
    ].map(({ path, message }) => problemAt(locations.value(path), path, message)),
  );
  return {
    problems,
    warnings: [
      ...circularServices(applied, [...catalogue.values()]),
      ...lostAdmins(applied, existing),
      ...undecidable(applied, [...catalogue.values()]),
    ],
  };
}

type Find = (kind: Kind, name: string) => Document | undefined;

interface Fault {
  path: Path;
  message: string;
}

const missing = ({ kind, name, path }: Mention, find: Find, namesOf: (kind: Kind) => string[]): Fault[] =>
  find(kind, name) ? [] : [{ path, message: `there is no ${kind} ${name}${hint(name, namesOf(kind))}` }];

const ownersOf = (document: Document): string[] => gather({ Service: ({ owner }) => [owner] }, document);

/** A source speaks only of services of its own team. */
const strangersOf = (document: Document, find: Find): Fault[] =>
  gather<Kind, Fault>(
    {
      Source: ({ team, mappings }) =>
        mappings.flatMap(({ to }, at) => {
          const service = find('Service', to.service);
          const strangers = service ? ownersOf(service).filter((owner) => owner !== team) : [];
          return strangers.map((owner) => ({
            path: ['spec', 'mappings', at, 'to', 'service'],
            message: `${to.service} belongs to team ${owner}, the source to ${team}`,
          }));
        }),
    },
    document,
  );

const graphs: ByKind<Fault> = {
  PlanTemplate: ({ activities }) => {
    const known = activities.map(({ name }) => name);
    const unknown = activities.flatMap(({ after }, at) =>
      after.flatMap((name, index) => {
        const path = ['spec', 'activities', at, 'after', index];
        return known.includes(name) ? [] : [{ path, message: `there is no activity ${name}${hint(name, known)}` }];
      }),
    );
    const cycle = findCycle(activities);
    if (!cycle) return unknown;
    const path = ['spec', 'activities', known.indexOf(cycle[0]!), 'after'];
    return [...unknown, { path, message: `the activities wait for each other: ${circle(cycle)}` }];
  },
};

const circle = (names: readonly string[]): string => [...names, names[0]].join(' -> ');

const repeatedNames = (document: Document): Fault[] =>
  gather(names, document).flatMap(({ path, name }, at, all) =>
    all.findIndex((other) => other.name === name) < at ? [{ path, message: `${name} is there twice` }] : [],
  );

/** Names that have to be different within a document. */
const names: ByKind<{ path: Path; name: string }> = {
  PlanTemplate: ({ activities }) =>
    activities.map(({ name }, at) => ({ name, path: ['spec', 'activities', at, 'name'] })),
  ReadinessChecklist: ({ checks }) => checks.map(({ id }, at) => ({ name: id, path: ['spec', 'checks', at, 'id'] })),
  Team: ({ members }) => members.map(({ person }, at) => ({ name: person, path: ['spec', 'members', at, 'person'] })),
  Runbook: ({ steps }) =>
    steps.flatMap((step, at) => [
      { name: step.name, path: ['spec', 'steps', at, 'name'] },
      ...(step.kind === 'parallel' ? step.steps : []).map(({ name }, index) => ({
        name,
        path: ['spec', 'steps', at, 'steps', index, 'name'],
      })),
    ]),
};

/** The variables of all environments; undefined while there is no environment, which may come later. */
const variablesOf = (catalogue: readonly Document[]): string[] | undefined => {
  const environments = catalogue.filter(({ kind }) => kind === 'Environment');
  const defined = environments.flatMap((document) =>
    gather({ Environment: ({ variables }) => Object.keys(variables).map((name) => `environment.${name}`) }, document),
  );
  return environments.length === 0 ? undefined : [...new Set(defined)];
};

const textFaults = (document: Document, variables: readonly string[] | undefined): Fault[] => [
  ...rulesOf(document).flatMap(({ text, known, path }) => {
    const message = refusalOf(() => checkRule(text, known));
    return message === undefined ? [] : [{ path, message }];
  }),
  ...templatesOf(document).flatMap(({ text, known, path }) =>
    placeholdersOf(text)
      .filter((name) => !isPlaceholder(name, known))
      .map((name) => ({
        path,
        message: `unknown placeholder {{${name}}}${hint(name, known)} (known: ${known.join(', ')}, environment.<variable>)`,
      })),
  ),
  ...templatesOf(document).flatMap(({ text, known, path }) => {
    const strangers = variables === undefined ? [] : placeholdersOf(text).filter((name) => !variables.includes(name));
    const unset = strangers.filter((name) => !known.includes(name) && isPlaceholder(name, known));
    const fault = path.at(-1) === 'url' ? urlFault(text) : undefined;
    return [
      ...unset.map((name) => `no environment has the variable of {{${name}}}${hint(name, variables ?? [])}`),
      ...(fault === undefined ? [] : [fault]),
    ].map((message) => ({ path, message }));
  }),
];

const refusalOf = (check: () => void): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
};

/** Services may depend on each other in a circle; whoever plans their deployment ought to know. */
const circularServices = (applied: readonly Located[], catalogue: readonly Document[]): Problem[] => {
  const services = catalogue.flatMap((document) =>
    gather({ Service: ({ dependsOn }) => [{ name: document.name, after: dependsOn }] }, document),
  );
  const cycle = findCycle(services);
  const located = applied.find(({ document }) => document.kind === 'Service' && cycle?.includes(document.name));
  if (!cycle || !located) return [];
  const path = ['spec', 'dependsOn'];
  return [problemAt(located.locations.value(path), path, `services depend on each other: ${circle(cycle)}`)];
};

/** Whoever takes the last admin from a team may be shutting themselves out. */
const lostAdmins = (applied: readonly Located[], existing: readonly Document[]): Problem[] =>
  applied.flatMap(({ document, locations }) => {
    const before = existing.find(({ kind, name }) => kind === 'Team' && name === document.name);
    if (document.kind !== 'Team' || !before || !hasAdmin(before) || hasAdmin(document)) return [];
    const path = ['spec', 'members'];
    const message = `team ${document.name} has no admin any more: only the first admin of this installation can change it`;
    return [problemAt(locations.value(path), path, message)];
  });

const hasAdmin = (document: Document): boolean =>
  gather({ Team: ({ members }) => members.map(({ role }) => role) }, document).includes('admin');
