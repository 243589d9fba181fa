import { type Document, type SpecOf, specs } from '../document.ts';
import { findCycle } from '../operation-plan/graph.rules.ts';
import { neededOf } from '../plan-template/parameter.ts';
import { idleContacts } from './contact.ts';
import { undecidable } from './deciders.ts';
import { closedWindows, misfits } from './fit.ts';
import { unanswerableGates, unheardGates } from './gate-faults.ts';
import { sharedLogins } from './login.ts';
import { objectiveFaults, objectiveWarnings } from './objective-faults.ts';
import { supplierFaults } from './supplier-faults.ts';
import { requirementFaults, requirementWarnings } from './requirement-faults.ts';
import { idleMappings } from './mapping.ts';
import { idleRoutines, routineFaults } from './routine-faults.ts';
import { hint } from './suggestion.ts';
import type { Fault, Problem } from './location.ts';
import type { Located, Named } from './read.ts';
import { mentionsOf } from './annotated.ts';
import { textFaults, variablesOf } from './template-faults.ts';
import { isOf, type Lookup, lookupIn } from './lookup.ts';

/**
 * What is wrong between documents, and inside one beyond its form. `existing` is the catalogue as it stands; an applied
 * document takes the place of the one with its kind and name. What is `faulty` is there all the same. Only warnings ask
 * what time it is, `now` in milliseconds: what is valid is so for ever.
 */
export function checkReferences(
  applied: readonly Located[],
  existing: readonly Document[] = [],
  faulty: readonly Named[] = [],
  now?: number,
): { problems: Problem[]; warnings: Problem[] } {
  // A document that would not be taken today is there by its name, and is not looked into: it holds up no other one.
  const sound = existing.filter(({ kind, spec }) => specs[kind].safeParse(spec).success);
  const unsound = existing.filter((document) => !sound.includes(document));
  const before = lookupIn(sound);
  const catalogue = lookupIn([...sound, ...applied.map(({ document }) => document)]);
  const variables = variablesOf(catalogue);
  const cycle = findCycle(catalogue.of('Service').map(({ name, spec: { dependsOn } }) => ({ name, after: dependsOn })));
  const located = (faultsOf: (document: Document) => Fault[]): Problem[] =>
    applied.flatMap(({ document, locations }) => faultsOf(document).map((fault) => locations.problem(fault)));

  return {
    problems: located((document) => [
      ...strayMentions(document, catalogue, [...faulty, ...unsound]),
      ...strangersOf(document, catalogue),
      ...selfMentions(document),
      ...strayAlternatives(document),
      ...sharedLogins(document, catalogue),
      ...idleContacts(document, catalogue),
      ...strangeChannel(document, catalogue),
      ...(isOf(document, 'Source') ? idleMappings(document.spec) : []),
      ...misfits(document, catalogue, (template) =>
        applied.some(({ document: { kind, name } }) => kind === 'PlanTemplate' && name === template),
      ),
      ...(isOf(document, 'PlanTemplate') ? orderFaults(document.spec) : []),
      ...requirementFaults(document),
      ...supplierFaults(document, catalogue),
      ...unaskedParameters(document, catalogue),
      ...unanswerableGates(document, catalogue, (service) =>
        applied.some(({ document: { kind, name } }) => kind === 'Service' && name === service),
      ),
      ...routineFaults(document, catalogue),
      ...objectiveFaults(document, catalogue, before),
      ...repeatedNames(document),
      ...textFaults(document, variables),
    ]),
    warnings: [
      ...located((document) => circularServices(document, cycle)).slice(0, 1),
      ...located((document) => lostAdmins(document, before)),
      ...located((document) => undecidable(document, catalogue)),
      ...located((document) => unheardGates(document, catalogue)),
      ...located((document) => idleRoutines(document, catalogue)),
      ...located((document) => objectiveWarnings(document, catalogue)),
      ...located((document) => requirementWarnings(document, catalogue)),
      ...located((document) => (now === undefined ? [] : closedWindows(document, catalogue, now))),
    ],
  };
}

const strayMentions = (document: Document, catalogue: Lookup, faulty: readonly Named[]): Fault[] =>
  mentionsOf(document).flatMap(({ kind, name, path }) => {
    const alike = faulty.filter((each) => each.kind === kind);
    if (catalogue.find(kind, name) || alike.some((each) => each.name === name)) return [];
    const names = [...catalogue.of(kind), ...alike].map((each) => each.name);
    return [{ path, message: `there is no ${kind} ${name}${hint(name, names)}` }];
  });

/** Names of another that are its own; of services that is a warning, see `circularServices`. */
const selfMentions = (document: Document): Fault[] => {
  const { kind, name } = document;
  return mentionsOf(document)
    .filter((mention) => kind !== 'Service' && mention.kind === kind && mention.name === name)
    .map(({ path }) => ({ path, message: `${name} cannot refer to itself here` }));
};

/** A source speaks only of services of its own team, and a status page shows no others. */
const strangersOf = (document: Document, catalogue: Lookup): Fault[] => {
  const fault = (service: string, team: string, what: string, ...path: Fault['path']): Fault[] => {
    const { owner = team } = catalogue.find('Service', service) ?? {};
    const message = `${service} belongs to team ${owner}, the ${what} to ${team}`;
    return owner === team ? [] : [{ path: ['spec', ...path, 'service'], message }];
  };
  if (isOf(document, 'Source'))
    return (['mappings', 'transitions'] as const).flatMap((field) =>
      document.spec[field].flatMap(({ to }, at) => fault(to.service, document.spec.team, 'source', field, at, 'to')),
    );
  if (isOf(document, 'StatusPage'))
    return document.spec.components.flatMap(({ service }, at) =>
      fault(service, document.spec.team, 'status page', 'components', at),
    );
  return [];
};

/** What a status page shows goes to Statuspage, and to no other channel; issues are for signals alone. */
const strangeChannel = (document: Document, catalogue: Lookup): Fault[] => {
  const typeOf = (channel: string | undefined) =>
    channel === undefined ? undefined : catalogue.find('NotificationChannel', channel)?.type;
  if (isOf(document, 'StatusPage')) {
    const { channel } = document.spec;
    const type = typeOf(channel);
    if (type === undefined || type === 'statuspage') return [];
    return [{ path: ['spec', 'channel'], message: `${channel} is of type ${type}, not statuspage` }];
  }
  const stakeholders = isOf(document, 'Service') ? document.spec.stakeholders : [];
  return stakeholders.flatMap((channel, index) =>
    typeOf(channel) === 'github'
      ? [
          {
            path: ['spec', 'stakeholders', index],
            message: `${channel} is of type github, which takes the signals of a team and nothing else`,
          },
        ]
      : [],
  );
};

const orderFaults = ({ activities }: SpecOf<'PlanTemplate'>): Fault[] => {
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
};

/** Nobody is asked for values where a machine's report opens the plan. */
const unaskedParameters = (document: Document, catalogue: Lookup): Fault[] => {
  if (!isOf(document, 'Service') && !isOf(document, 'Supplier')) return [];
  return Object.entries(document.spec.plans).flatMap(([trigger, template]) => {
    const [needed] = neededOf(catalogue.find('PlanTemplate', template)?.parameters ?? {});
    const message = `${template} needs the parameter ${needed}, which nobody is asked for here: give it a default`;
    return needed === undefined ? [] : [{ path: ['spec', 'plans', trigger], message }];
  });
};

const circle = (names: readonly string[]): string => [...names, names[0]].join(' -> ');

const repeatedNames = (document: Document): Fault[] =>
  namesIn(document).flatMap(([name, ...place], at, all) =>
    all.findIndex(([other]) => other === name) < at
      ? [{ path: ['spec', ...place], message: `${name} occurs twice` }]
      : [],
  );

/** Names that have to be different within a document, each with its place in the spec. */
const namesIn = (document: Document): [string, ...Fault['path']][] => {
  if (isOf(document, 'PlanTemplate'))
    return document.spec.activities.map(({ name }, at) => [name, 'activities', at, 'name']);
  if (isOf(document, 'ReadinessChecklist')) return document.spec.checks.map(({ id }, at) => [id, 'checks', at, 'id']);
  if (isOf(document, 'StatusPage'))
    return document.spec.components.flatMap(({ service, name }, at): [string, ...Fault['path']][] => [
      [`service ${service}`, 'components', at, 'service'],
      [`name ${name}`, 'components', at, 'name'],
    ]);
  if (isOf(document, 'Team')) return document.spec.members.map(({ person }, at) => [person, 'members', at, 'person']);
  if (!isOf(document, 'Runbook')) return [];
  return document.spec.steps.flatMap((step, at): [string, ...Fault['path']][] => [
    [step.name, 'steps', at, 'name'],
    ...(step.kind === 'parallel' ? step.steps : []).map(({ name }, index): [string, ...Fault['path']] => [
      name,
      'steps',
      at,
      'steps',
      index,
      'name',
    ]),
  ]);
};

/** Services may depend on each other in a circle; whoever plans their deployment ought to know. */
const circularServices = ({ kind, name }: Document, cycle: readonly string[] | undefined): Fault[] =>
  cycle && kind === 'Service' && cycle.includes(name)
    ? [{ path: ['spec', 'dependsOn'], message: `services depend on each other: ${circle(cycle)}` }]
    : [];

/** What is redundant is needed: it stands among the dependencies as well. */
const strayAlternatives = (document: Document): Fault[] =>
  isOf(document, 'Service')
    ? (document.spec.redundant ?? []).flatMap((group, at) =>
        group.flatMap((name, index) =>
          document.spec.dependsOn.includes(name)
            ? []
            : [
                {
                  path: ['spec', 'redundant', at, index],
                  message: `${name} is not in dependsOn: what is redundant is one of the dependencies`,
                },
              ],
        ),
      )
    : [];

/** Whoever takes the last admin from a team may be shutting themselves out. */
const lostAdmins = (document: Document, existing: Lookup): Fault[] => {
  const before = existing.find('Team', document.name);
  if (!isOf(document, 'Team') || !before || !hasAdmin(before) || hasAdmin(document.spec)) return [];
  const message = `team ${document.name} has no admin left: only the admin token can change it`;
  return [{ path: ['spec', 'members'], message }];
};

const hasAdmin = ({ members }: SpecOf<'Team'>): boolean => members.some(({ role }) => role === 'admin');
