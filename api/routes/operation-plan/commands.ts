import { z } from 'zod';
import { PlanId } from '../../../domain/id.ts';
import type { Role } from '../../../domain/actor.ts';
import { PlanAsk } from '../../../domain/operation-plan.ts';
import { planUpdates } from '../../../workflows/operation-plan.messages.ts';
import { asCommand } from '../../commands.ts';
import type { Context } from '../../context.ts';
import { operation, type Untagged } from '../../operation.ts';
import { refuseUnfit } from './seat.ts';
import { visiblePlan } from '../../visibility.ts';

const ById = z.strictObject({ id: PlanId });

/** Asked by the id of the task. */
type OfTask = 'complete-task' | 'reassign-task';

/** What may be asked of a plan; whoever was asked to take a seat needs no more than to be on call. */
const asks: Record<Exclude<PlanAsk['type'], OfTask>, { role: Role; summary: string }> = {
  pause: { role: 'operator', summary: 'Starts nothing new until the plan is resumed; what runs is finished' },
  resume: { role: 'operator', summary: 'Lets a paused plan go on' },
  cancel: { role: 'operator', summary: 'Ends the plan: a program that runs is stopped, what was done is undone' },
  reassess: {
    role: 'operator',
    summary: 'Looks at the evidence again, now; people who asked for changes are asked again',
  },
  amend: { role: 'operator', summary: 'Makes the plan anew without some activities; earlier approvals are void' },
  retry: { role: 'operator', summary: 'Tries a failed task, or an undo that failed, again' },
  skip: { role: 'operator', summary: 'Goes on without an activity, or leaves an undo that failed' },
  assign: { role: 'operator', summary: 'Names somebody for a seat; they still have to accept' },
  reassign: { role: 'operator', summary: 'Moves a seat that was taken to somebody else, who is asked to take it' },
  'report-status': {
    role: 'responder',
    summary: 'Writes the status report that is due; it is sent to the stakeholders',
  },
  accept: { role: 'responder', summary: 'Takes the seat that you were asked for' },
  decline: { role: 'responder', summary: 'Declines the seat that you were asked for; the next one is asked' },
};

/** One route for each thing that may be asked of a plan. */
export const planCommands = (context: Context): Untagged[] => {
  const { commands } = context;
  return PlanAsk.options.flatMap((schema) => {
    const type = schema.shape.type.value;
    if (type === 'complete-task' || type === 'reassign-task') return [];
    return [
      operation({
        id: planUpdates[type],
        route: `POST /v1/operation-plans/{id}/${type}`,
        summary: asks[type].summary,
        role: asks[type].role,
        params: ById,
        body: (schema as z.ZodObject).omit({ type: true }),
        ...asCommand,
        async handle({ params, body, access, headers }) {
          const plan = await visiblePlan(context, params.id, access, asks[type].role);
          const ask = PlanAsk.parse({ ...(body as object), type });
          await refuseUnfit(context, plan, ask, access);
          return commands.submit(
            { belongsTo: plan.reference, target: plan.workflowId, name: planUpdates[type], team: plan.team, ask },
            { access, headers },
          );
        },
      }),
    ];
  });
};
