import { z } from 'zod';
import type { Role } from '../../../domain/actor.ts';
import type { PlanId } from '../../../domain/id.ts';
import { DomainError } from '../../../domain/errors.ts';
import { approversOf } from '../../../domain/problem/approvers.ts';
import { ProblemAsk } from '../../../domain/problem/ask.ts';
import type { ProblemRow } from '../../../storage/problem.ts';
import { problemUpdates } from '../../../workflows/problem.messages.ts';
import { type Access, demandPerson } from '../../access.ts';
import { asCommand } from '../../commands.ts';
import type { Context } from '../../context.ts';
import { refuseStranger } from '../../eligibility.ts';
import { operation, type Untagged } from '../../operation.ts';
import { visiblePlan } from '../../visibility.ts';
import { refuseOtherIncident } from './linked.ts';
import { ifVisible, visibleProblem } from './visible.ts';

const ById = z.strictObject({ id: z.string().max(20) });

/** What may be asked of a problem, by whoever works on it. */
const asks: Record<ProblemAsk['type'], { role: Role; summary: string }> = {
  assess: {
    role: 'responder',
    summary: 'Says its impact and urgency, from which the severity policy has its priority',
  },
  assign: { role: 'responder', summary: 'Names who answers for it; once it is assessed they investigate' },
  link: { role: 'responder', summary: 'An incident is one of these' },
  unlink: { role: 'responder', summary: 'An incident is none of these' },
  claim: { role: 'responder', summary: 'Says something of it that can be shown to hold, such as a cause' },
  'judge-claim': { role: 'responder', summary: 'Says whether a claim holds, and what shows it' },
  'publish-known-error': { role: 'responder', summary: 'Publishes its cause, and what helps until it is gone' },
  'add-action': { role: 'responder', summary: 'Plans what is to be done about it' },
  'start-action': { role: 'responder', summary: 'Work on an action has begun' },
  'complete-action': { role: 'responder', summary: 'An action is done; after the last one its effect is measured' },
  'drop-action': { role: 'responder', summary: 'An action is not done after all' },
  'accept-risk': {
    role: 'operator',
    summary: 'Asks to live with it until a date; somebody else who approves for the team has to agree',
  },
  close: { role: 'responder', summary: 'It is a duplicate, or nobody can make it happen' },
  note: { role: 'responder', summary: 'Adds a note' },
};

/** One route for each thing that may be asked of a problem. */
export const problemCommands = (context: Context): Untagged[] =>
  ProblemAsk.options.map((schema) => {
    const type = schema.shape.type.value;
    return operation({
      id: problemUpdates[type],
      route: `POST /v1/problems/{id}/${type}`,
      summary: asks[type].summary,
      role: asks[type].role,
      params: ById,
      body: (schema as z.ZodObject).omit({ type: true }),
      ...asCommand,
      async handle({ params, body, access, headers }) {
        const ask = ProblemAsk.parse({ ...(body as object), type });
        const problem = await visibleProblem(context, params.id, access, asks[type].role);
        await refuseUnknown(context, problem, ask, access);
        const { reference: belongsTo, workflowId: target, team } = problem;
        return context.commands.submit(
          { belongsTo, target, name: problemUpdates[type], team, ask },
          { access, headers },
        );
      },
    });
  });

/** Refuses names that the catalogue does not have, and records that whoever asks does not see. */
const refuseUnknown = async (
  context: Context,
  { commission }: ProblemRow,
  ask: ProblemAsk,
  access: Access,
): Promise<void> => {
  if (ask.type === 'assign') await refuseStranger(context, ask.to, 'to');
  if (ask.type === 'link') await refuseOtherIncident(context, ask.incident, commission.privateTo !== undefined, access);
  if (ask.type === 'accept-risk') {
    demandPerson(access, 'people ask to live with a risk, with a personal token');
    await refuseUnaccepted(context, commission, access);
  }
  if (ask.type === 'add-action') {
    await refuseStranger(context, ask.action.owner, 'action.owner');
    if (ask.action.dueOn < new Date().toISOString().slice(0, 10))
      throw new DomainError('invalid', 'expected a day to come', 'action.dueOn');
  }
  const plan = ask.type === 'add-action' ? ask.action.plan : ask.type === 'start-action' ? ask.plan : undefined;
  if (plan !== undefined) await refuseUnknownPlan(context, plan, access);
  if (ask.type === 'publish-known-error') await refuseUnknownNames(context, ask.document, access);
  if (ask.type === 'close' && ask.duplicateOf !== undefined)
    await refuseOtherProblem(context, ask.duplicateOf, commission.privateTo !== undefined, access);
};

/** Whoever names a problem sees it; one that is private is known to private problems alone. */
const refuseOtherProblem = async (
  context: Context,
  number: number,
  isPrivate: boolean,
  access: Access,
): Promise<void> => {
  const other = await ifVisible(visibleProblem(context, String(number), access));
  if (!other) throw new DomainError('invalid', `there is no problem ${number}`, 'duplicateOf');
  if (other.commission.privateTo !== undefined && !isPrivate)
    throw new DomainError('conflict', 'a private problem is named by private problems alone', 'duplicateOf');
};

/** Somebody else has to be there who may agree, and of a private one who may see it. */
const refuseUnaccepted = async (
  { stores: { catalogue } }: Context,
  commission: ProblemRow['commission'],
  { actor }: Access,
): Promise<void> => {
  const approvers = await approversOf(catalogue, commission);
  if (approvers.every((approver) => 'person' in approver && approver.person === actor.name))
    throw new DomainError('conflict', 'none of its people but you approves for its team: nobody could agree');
};

/** A fix by a change is a plan that whoever says so may see. */
const refuseUnknownPlan = async (context: Context, plan: PlanId, access: Access): Promise<void> => {
  if (!(await ifVisible(visiblePlan(context, plan, access))))
    throw new DomainError('invalid', `there is no plan ${plan}`, 'plan');
};

/** A workaround that cannot be started helps nobody, and what helps with a service is said by those who respond for it. */
const refuseUnknownNames = async (
  { recent }: Context,
  { runbook: name, signature }: Extract<ProblemAsk, { type: 'publish-known-error' }>['document'],
  access: Access,
): Promise<void> => {
  for (const service of signature.services) {
    const found = await recent.find('Service', service);
    if (!found)
      throw new DomainError('invalid', `the catalogue has no service ${service}`, 'document.signature.services');
    // It is shown in the incidents of the service, to those who are paged for it.
    access.demand('responder', found.owner, `service ${service}`);
  }
  if (name === undefined) return;
  const runbook = await recent.find('Runbook', name);
  if (!runbook) throw new DomainError('invalid', `the catalogue has no runbook ${name}`, 'document.runbook');
  if (!runbook.restores)
    throw new DomainError('invalid', `runbook ${name} does not say what it restores (restores)`, 'document.runbook');
};
