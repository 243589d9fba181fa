import { z } from 'zod';
import { Incident, IncidentStatus } from '../../../domain/incident.ts';
import { knownErrorsFor } from '../../../domain/problem/offer.ts';
import { Rating } from '../../../domain/incident/rating.ts';
import { Severity } from '../../../domain/severity.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { PageQuery, pageOfListed, pagesOf, positionOf } from '../../page.ts';
import { Suspect, suspectsFor } from './suspects.ts';
import { Clock, clocksFor } from './clocks.ts';
import { Links, linksOf } from './links.ts';
import { Similar, similarFor } from './similar.ts';
import { flappingOf, originsOf } from './alerting.ts';
import { Linked, problemsOf } from '../problem/linked.ts';
import { visibleIncident } from './visible.ts';

const ById = z.strictObject({ id: z.string().max(20) });

const Offered = z.object({
  problem: z.int(),
  symptom: z.string(),
  workaround: z.string(),
  runbook: z.string().optional(),
});

const Summary = z.object({
  number: z.int(),
  title: z.string(),
  status: z.string(),
  severity: Severity,
  team: z.string(),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  assignee: z.string().nullable(),
  openedAt: z.string(),
  closedAt: z.string().nullable(),
});
const Shown = Summary.extend({
  record: Incident.nullable(),
  ratings: z.array(Rating).meta({ description: 'How people say that it was handled' }),
  suspects: z.array(Suspect).meta({ description: 'Changes shortly before it, the likeliest first' }),
  problems: z.array(Linked).meta({ description: 'That it is one of, those that you may see' }),
  knownErrors: z.array(Offered).meta({ description: 'That it shows, and what helps' }),
  similar: z.array(Similar).meta({ description: 'Incidents that are like it, those that you may see' }),
  links: Links.meta({ description: 'Incidents that belong together with it, those that you may see' }),
  clocks: z.array(Clock).meta({ description: 'Those that have a target' }),
  flapping: z.array(z.string()).meta({ description: 'Titles of its alerts that flap: they count as firing' }),
  origins: z
    .array(z.string())
    .meta({ description: 'Services that it probably comes from, by what fires and who depends on whom' }),
});
export type ShownIncident = z.infer<typeof Shown>;

const summaryOf = ({
  number,
  commission,
  record,
  status,
  team,
  openedAt,
  closedAt,
}: IncidentRow): z.infer<typeof Summary> => {
  const { title, severity, service = null, environment = null } = { ...commission, ...record };
  return {
    number,
    title,
    status,
    severity,
    team,
    service,
    environment,
    assignee: record?.assignee ?? null,
    openedAt,
    closedAt,
  };
};

export const incidentReads = (context: Context): Untagged[] => [
  operation({
    id: 'listIncidents',
    route: 'GET /v1/incidents',
    summary: 'Lists the incidents of your teams, newest first',
    role: 'viewer',
    query: z.strictObject({
      ...PageQuery,
      service: z.string().max(63).optional(),
      environment: z.string().max(63).optional(),
      severity: Severity.optional(),
      status: IncidentStatus.optional(),
      open: z.stringbool().optional().meta({ type: 'boolean', description: 'Those that are not over alone' }),
    }),
    answer: pagesOf(Summary),
    async handle({ query: { after, limit, ...filter }, access }) {
      const teams = access.teamsWith('viewer');
      const person = access.actor.type === 'person' ? access.actor.name : undefined;
      const found = await context.stores.incidents.list({ ...filter, teams, person, after: positionOf(after), limit });
      return { body: pageOfListed(found, summaryOf) };
    },
  }),
  operation({
    id: 'showIncident',
    route: 'GET /v1/incidents/{id}',
    summary: 'Shows an incident as it stands',
    role: 'viewer',
    params: ById,
    answer: { status: 200, description: 'The incident', schema: Shown },
    async handle({ params, access }) {
      const row = await visibleIncident(context, params.id, access);
      return {
        body: {
          ...summaryOf(row),
          ...(await linksOf(context, row, access)),
          knownErrors: await knownErrorsFor(context.stores, { ...row.commission, ...row.record }),
          problems: await problemsOf(context, row.number, access),
          similar: await similarFor(context, row.number, access),
          ratings: await context.stores.ratings.of(row.number),
          clocks: await clocksFor(context, row),
          flapping: await flappingOf(context, row.number),
          origins: await originsOf(context, row.number),
          suspects: await suspectsFor(context, row),
        },
      };
    },
  }),
];
