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
  pause: { role: 'operator', summary: 'Starts nothing new until the plan is resumed; running work finishes' },
  resume: { role: 'operator', summary: 'Resumes a paused plan' },
  cancel: { role: 'operator', summary: 'Cancels the plan: stops a running program, and undoes what was done' },
  reassess: {
    role: 'operator',
    summary: 'Assesses the evidence again, now; people who requested changes are asked again',
  },
  amend: { role: 'operator', summary: 'Plans again without some activities; earlier approvals are void' },
  retry: { role: 'operator', summary: 'Retries a failed task, or a failed undo' },
  skip: { role: 'operator', summary: 'Skips an activity, or a failed undo' },
  assign: { role: 'operator', summary: 'Names a person for a seat, who still has to accept' },
  reassign: { role: 'operator', summary: 'Moves an accepted seat to another person, who is asked to take it' },
  'report-status': {
    role: 'responder',
    summary: 'Writes the status report that is due and sends it to the stakeholders',
  },
  accept: { role: 'responder', summary: 'Takes the seat that you were asked to take' },
  decline: { role: 'responder', summary: 'Declines the seat that you were asked to take; the next person is asked' },
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
