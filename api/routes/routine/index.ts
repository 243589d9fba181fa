import { z } from 'zod';
import { Name } from '../../../domain/name.ts';
import { RoutineRun, RoutineRunStatus } from '../../../domain/routine/run.ts';
import { servicesOf } from '../../../domain/routine/selection.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { allOf, PageQuery, pageOfListed, pagesOf, positionOf, uuid } from '../../page.ts';
import { routineAsks } from './ask.ts';
import { routineOutlook } from './outlook.ts';
import { routineFor, ShownRoutine, shownOf } from './shown.ts';

const ByName = z.strictObject({ name: Name });

const RoutineDetail = ShownRoutine.extend({
  services: z.array(z.string()),
  environments: z.array(z.string()),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  missed: z.string(),
  within: z.string(),
  jitter: z.string().nullable(),
  drift: z
    .object({ what: z.string(), foundAt: z.string() })
    .nullable()
    .meta({ description: 'What was last found that somebody had done to its schedule in Temporal, which was mended' }),
});
export type RoutineDetail = z.infer<typeof RoutineDetail>;

/** What is done again and again, and what became of each time. */
export const routineOperations = (context: Context): Untagged[] => {
  const { catalogue, routines } = context.stores;
  return [
    ...routineAsks(context),
    ...routineOutlook(context),
    operation({
      id: 'listRoutines',
      route: 'GET /v1/routines',
      summary: 'Lists the routines of your teams, when each is due next and what became of its newest time',
      role: 'viewer',
      answer: allOf('All routines that you see', ShownRoutine),
      async handle({ access }) {
        const now = Date.now();
        const documents = (await catalogue.list('Routine')).filter(
          ({ spec }) => access.roleIn(spec.owner) !== undefined,
        );
        const standings = await routines.standings();
        return { body: { items: documents.map((each) => shownOf(each, standings.get(each.name), now)) } };
      },
    }),
    operation({
      id: 'showRoutine',
      route: 'GET /v1/routines/{name}',
      summary:
        'Shows a routine: the services that it is for, when it is due, and whether somebody meddled with its schedule',
      role: 'viewer',
      params: ByName,
      answer: { status: 200, description: 'The routine', schema: RoutineDetail },
      async handle({ params: { name }, access }) {
        const spec = await routineFor(context, access, 'viewer', name);
        const standing = (await routines.standings()).get(name);
        const { environments, parameters, missed, within, jitter = null } = spec;
        return {
          body: {
            ...shownOf({ name, spec }, standing, Date.now()),
            services: servicesOf(spec, await catalogue.list('Service')),
            environments,
            parameters,
            missed,
            within,
            jitter,
            drift: standing?.drift ?? null,
          },
        };
      },
    }),
    operation({
      id: 'listRoutineRuns',
      route: 'GET /v1/routines/{name}/runs',
      summary: 'Lists what became of each time of a routine, newest first',
      role: 'viewer',
      params: ByName,
      query: z.strictObject({ ...PageQuery, status: RoutineRunStatus.optional() }),
      answer: pagesOf(RoutineRun),
      async handle({ params: { name }, query: { status, after, limit }, access }) {
        await routineFor(context, access, 'viewer', name);
        const rows = await routines.runs(name, { status, after: positionOf(after, uuid), limit });
        return { body: pageOfListed(rows, (run) => run) };
      },
    }),
  ];
};
