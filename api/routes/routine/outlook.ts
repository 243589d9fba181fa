import { z } from 'zod';
import { Duration, milliseconds } from '../../../domain/duration.ts';
import { DomainError } from '../../../domain/errors.ts';
import { Name } from '../../../domain/name.ts';
import { coverageOf, ServiceCoverage } from '../../../domain/routine/coverage.ts';
import { servicesOf } from '../../../domain/routine/selection.ts';
import { dueBetween } from '../../../domain/routine/slot.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { allOf } from '../../page.ts';
import { pausedIn } from './shown.ts';

const DueTime = z.object({
  dueAt: z.string(),
  routine: z.string(),
  team: z.string(),
  services: z.array(z.string()),
  environments: z.array(z.string()),
});
export type DueTime = z.infer<typeof DueTime>;

const longestMs = 92 * 86_400_000;
const most = 1_000;

/** What is to come, and what nothing sees to. */
export const routineOutlook = ({ stores: { catalogue, routines } }: Context): Untagged[] => [
  operation({
    id: 'listRoutineTimes',
    route: 'GET /v1/routine-times',
    summary: 'Lists when the routines of your teams are due next; those that are paused are not',
    role: 'viewer',
    query: z.strictObject({
      within: Duration.default('30d').meta({ description: 'How far to look ahead, at most 92 days' }),
      routine: Name.optional(),
    }),
    answer: allOf(`The next ${most} times, in order`, DueTime),
    async handle({ query: { within, routine }, access }) {
      const aheadMs = milliseconds(within);
      if (aheadMs > longestMs) throw new DomainError('invalid', 'expected at most 92 days', 'within');
      const now = Date.now();
      const standings = await routines.standings();
      const services = await catalogue.list('Service');
      const items = (await catalogue.list('Routine'))
        .filter(({ name, spec }) => access.roleIn(spec.owner) !== undefined && (routine ?? name) === name)
        .filter(({ name, spec }) => pausedIn(spec, standings.get(name)) === null)
        .flatMap(({ name, spec }) => {
          const { owner: team, environments } = spec;
          const described = { routine: name, team, services: servicesOf(spec, services), environments };
          return dueBetween(spec, now, now + aheadMs, most).map((at) => ({
            dueAt: new Date(at).toISOString(),
            ...described,
          }));
        });
      const inOrder = items.toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
      return { body: { items: inOrder.slice(0, most) } };
    },
  }),
  operation({
    id: 'listRoutineCoverage',
    route: 'GET /v1/routine-coverage',
    summary: 'Lists, for each service of your teams, what is to be done at intervals and whether a routine does it',
    role: 'viewer',
    query: z.strictObject({ team: Name.optional(), service: Name.optional() }),
    answer: allOf('Each service with each kind of routine that has a cadence', ServiceCoverage),
    async handle({ query: { team, service }, access }) {
      const services = (await catalogue.list('Service')).filter(
        ({ name, spec: { owner } }) =>
          access.roleIn(owner) !== undefined && (team ?? owner) === owner && (service ?? name) === name,
      );
      const standings = await routines.standings();
      const documents = (await catalogue.list('Routine')).map(({ name, spec }) => ({
        name,
        spec,
        isPaused: pausedIn(spec, standings.get(name)) !== null,
      }));
      const successes = await routines.successes(services.map(({ name }) => name));
      return { body: { items: coverageOf(services, documents, successes, Date.now()) } };
    },
  }),
];
