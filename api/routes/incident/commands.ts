import { z } from 'zod';
import type { Role } from '../../../domain/actor.ts';
import { DomainError } from '../../../domain/errors.ts';
import { IncidentAsk } from '../../../domain/incident/ask.ts';
import { componentOn } from '../../../domain/status-page.ts';
import type { IncidentRow } from '../../../storage/incident/index.ts';
import { incidentUpdates } from '../../../workflows/incident.messages.ts';
import { demandPerson } from '../../access.ts';
import { asCommand } from '../../commands.ts';
import type { Context } from '../../context.ts';
import { refuseStranger } from '../../eligibility.ts';
import type { Asker } from '../../idempotency.ts';
import { type Answer, operation, type Untagged } from '../../operation.ts';
import { refuseOtherAlerts, refuseOtherParent, refuseOtherRunbook, refuseOtherTarget } from './other.ts';
import { ifVisible, visibleProblem } from '../problem/visible.ts';
import { visibleIncident } from './visible.ts';
import { refuseUndoable } from './written.ts';

const ById = z.strictObject({ id: z.string().max(20) });

/** Asked by the id of the task. */
type OfTask = 'complete-task' | 'reassign-task';

/** What may be asked of an incident, by whoever responds to it. */
const asks: Record<Exclude<IncidentAsk['type'], OfTask>, { role: Role; summary: string }> = {
  acknowledge: { role: 'responder', summary: 'You have it: the escalation stops' },
  unacknowledge: { role: 'responder', summary: 'Nobody has it any more: the escalation begins again' },
  assign: { role: 'responder', summary: 'Names who works on it' },
  escalate: { role: 'responder', summary: 'Pages the next level now, whoever has it' },
  snooze: { role: 'responder', summary: 'Pages nobody until then' },
  triage: { role: 'responder', summary: 'Says which service it is about' },
  'set-severity': {
    role: 'responder',
    summary: 'Changes the severity; only the commander lowers it before service is restored',
  },
  prioritize: {
    role: 'responder',
    summary: 'Says its impact and urgency, from which the severity policy has its priority',
  },
  'set-role': { role: 'responder', summary: 'Gives a person a role in it' },
  mitigate: { role: 'responder', summary: 'Says what is done to restore service' },
  'start-runbook': {
    role: 'operator',
    summary: 'Runs a runbook that restores service; asks for an approval where it says so',
  },
  hold: { role: 'responder', summary: 'Waits for somebody or something else, until a date' },
  resume: { role: 'responder', summary: 'Goes on with what was on hold' },
  restore: { role: 'responder', summary: 'Says that users have the agreed level of service again' },
  resolve: { role: 'responder', summary: 'Says how it was solved; refused while its alerts fire' },
  reopen: { role: 'responder', summary: 'Opens what was resolved again; somebody is paged' },
  cancel: { role: 'responder', summary: 'It was none' },
  merge: { role: 'responder', summary: 'It is the same as another one, which takes its alerts' },
  split: { role: 'responder', summary: 'Makes another incident of some of its alerts, which pages on its own' },
  link: {
    role: 'responder',
    summary: 'It is a part of another one of its team, its parent; neither moves with the other',
  },
  unlink: { role: 'responder', summary: 'It has no parent any more' },
  close: { role: 'responder', summary: 'Closes what is resolved, where no review is due' },
  'request-review': { role: 'responder', summary: 'Asks for a review of what is resolved' },
  'write-review': { role: 'responder', summary: 'Writes the review; actions keep what became of them' },
  'sign-review': {
    role: 'operator',
    summary: 'Signs the review, which closes the incident; whoever wrote it does not',
  },
  'complete-action': { role: 'responder', summary: 'Says that an action of the review is done' },
  'report-status': {
    role: 'responder',
    summary: 'Tells the stakeholders, and the public if it says so, how it stands',
  },
  workaround: {
    role: 'responder',
    summary: 'The workaround of a known error was applied by hand; whether that restored service is counted',
  },
  note: { role: 'responder', summary: 'Adds a note to the timeline' },
};

/** What only a person can say, and why nobody else does. */
const byPeople: Partial<Record<IncidentAsk['type'], string>> = {
  acknowledge: 'people acknowledge, with a personal token',
  'sign-review': 'people sign reviews, with a personal token',
};

/** One route for each thing that may be asked of an incident. */
export const incidentCommands = (context: Context): Untagged[] =>
  IncidentAsk.options.flatMap((schema) => {
    const type = schema.shape.type.value;
    if (type === 'complete-task' || type === 'reassign-task') return [];
    return [
      operation({
        id: incidentUpdates[type],
        route: `POST /v1/incidents/{id}/${type}`,
        summary: asks[type].summary,
        role: asks[type].role,
        params: ById,
        body: (schema as z.ZodObject).omit({ type: true }),
        ...asCommand,
        handle: ({ params, body, access, headers }) =>
          askIncident(context, params.id, IncidentAsk.parse({ ...(body as object), type }), { access, headers }),
      }),
    ];
  });

/** Asks something of an incident, for whoever may see it and has the role that it takes. */
export const askIncident = async (context: Context, id: string, ask: IncidentAsk, by: Asker): Promise<Answer> => {
  if (ask.type === 'complete-task' || ask.type === 'reassign-task')
    throw new DomainError('invalid', 'a task is asked for by its own id');
  const incident = await visibleIncident(context, id, by.access, asks[ask.type].role);
  const why = byPeople[ask.type];
  if (why !== undefined) demandPerson(by.access, why);
  if (ask.type === 'workaround') await refuseNoWorkaround(context, ask.problem, by.access);
  await refuseUnknown(context, incident, ask);
  const { reference: belongsTo, workflowId: target, team } = incident;
  return context.commands.submit({ belongsTo, target, name: incidentUpdates[ask.type], team, ask }, by);
};

/** Refuses names that the catalogue does not have, and a service that another team answers for. */
const refuseUnknown = async (context: Context, incident: IncidentRow, ask: IncidentAsk): Promise<void> => {
  const { number, team } = incident;
  const { recent } = context;
  if (ask.type === 'assign') await refuseStranger(context, ask.to, 'to');
  if (ask.type === 'set-role') await refuseStranger(context, ask.person, 'person');
  if (ask.type === 'write-review') await refuseUndoable(context, incident, ask.document);
  if (ask.type === 'start-runbook') await refuseOtherRunbook(context, incident, ask.runbook);
  if (ask.type === 'merge') await refuseOtherTarget(context, incident, ask.into);
  if (ask.type === 'split') await refuseOtherAlerts(context, number, ask.alerts);
  if (ask.type === 'link') await refuseOtherParent(context, incident, ask.parent);
  if (ask.type === 'report-status' && ask.public) await refuseUnlisted(context, incident);
  if (ask.type !== 'triage') return;
  const service = await recent.find('Service', ask.service);
  if (!service) throw new DomainError('invalid', `the catalogue has no service ${ask.service}`, 'service');
  if (service.owner !== team)
    throw new DomainError(
      'invalid',
      `service ${ask.service} belongs to team ${service.owner}, the incident to ${team}`,
      'service',
    );
  if (ask.environment !== undefined && !(await recent.find('Environment', ask.environment)))
    throw new DomainError('invalid', `the catalogue has no environment ${ask.environment}`, 'environment');
};

/** Only what somebody has published for all can be applied, by whoever sees it. */
const refuseNoWorkaround = async (context: Context, problem: number, access: Asker['access']): Promise<void> => {
  const found = await ifVisible(visibleProblem(context, String(problem), access));
  if (!found?.record?.knownError || found.commission.privateTo !== undefined)
    throw new DomainError('invalid', `there is no known error of problem ${problem}`, 'problem');
};

/** What is published is to be seen somewhere. */
const refuseUnlisted = async ({ recent }: Context, { commission: { team }, record }: IncidentRow): Promise<void> => {
  const service = record?.service;
  if (service === undefined) return;
  const isListed = (await recent.list('StatusPage')).some(({ spec }) => componentOn(spec, { team, service }));
  if (!isListed) throw new DomainError('invalid', `no StatusPage of team ${team} shows ${service}`, 'public');
};
