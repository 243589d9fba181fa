import { z } from 'zod';
import { Problem, ProblemStatus } from '../../../domain/problem.ts';
import { Priority } from '../../../domain/severity.ts';
import type { ProblemRow } from '../../../storage/problem.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf } from '../../page.ts';
import { incidentsOf, Linked } from './linked.ts';
import { visibleProblem } from './visible.ts';

const ById = z.strictObject({ id: z.string().max(20) });

const Summary = z.object({
  number: z.int(),
  title: z.string(),
  status: z.string(),
  priority: Priority.nullable(),
  team: z.string(),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  owner: z.string().nullable(),
  openedAt: z.string(),
  closedAt: z.string().nullable(),
});
const Use = z.object({
  offered: z.int().meta({ description: 'Incidents that showed it' }),
  applied: z.int().meta({ description: 'How often its runbook was run in them' }),
  restored: z.int().meta({ description: 'How often that restored service' }),
});
const Shown = Summary.extend({
  record: Problem.nullable(),
  incidents: z.array(Linked).meta({ description: 'Those that you may see' }),
  use: Use.nullable().meta({ description: 'Of its known error, where it has one' }),
});
export type ShownProblem = z.infer<typeof Shown>;

const summaryOf = ({ number, commission, record, status, openedAt, closedAt }: ProblemRow): z.infer<typeof Summary> => {
  const { title, team, service = null, environment = null } = { ...commission, ...record };
  return {
    number,
    title,
    status,
    priority: record?.priority ?? null,
    team,
    service,
    environment,
    owner: record?.owner ?? null,
    openedAt,
    closedAt,
  };
};

export const problemReads = (context: Context): Untagged[] => [
  operation({
    id: 'listProblems',
    route: 'GET /v1/problems',
    summary: 'Lists the problems of your teams, newest first',
    role: 'viewer',
    query: z.strictObject({
      ...PageQuery,
      service: z.string().max(63).optional(),
      environment: z.string().max(63).optional(),
      status: ProblemStatus.optional(),
      open: z.stringbool().optional().meta({ type: 'boolean', description: 'Those that are not closed alone' }),
    }),
    answer: pagesOf(Summary),
    async handle({ query: { after, limit, ...filter }, access }) {
      const teams = access.teamsWith('viewer');
      const person = access.actor.type === 'person' ? access.actor.name : undefined;
      const found = await context.stores.problems.list({ ...filter, teams, person, after: positionOf(after), limit });
      return { body: pageOfListed(found, summaryOf) };
    },
  }),
  operation({
    id: 'showProblem',
    route: 'GET /v1/problems/{id}',
    summary: 'Shows a problem as it stands',
    role: 'viewer',
    params: ById,
    answer: { status: 200, description: 'The problem', schema: Shown },
    async handle({ params, access }) {
      const row = await visibleProblem(context, params.id, access);
      const { number, record } = row;
      const known = record?.knownError;
      const use = known ? await context.stores.problems.useOf(number, known.runbook) : null;
      return { body: { ...summaryOf(row), ...(await incidentsOf(context, row, access)), use } };
    },
  }),
];
