import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { Stall } from '../../domain/stall.ts';
import { append } from '../../storage/ledger.ts';
import type { Context } from '../context.ts';
import { operation, type Untagged } from '../operation.ts';
import { allOf } from '../page.ts';

const Repair = z.strictObject({
  workflowId: z.string().min(1).max(400),
  reason: z.string().min(1, 'a reason is needed').max(1000),
  toEvent: z.int().positive().optional().meta({ description: 'Reset to the last successful task up to this event' }),
});

/** Work that is tried again and again, and the way back from what a workflow cannot get over. */
export const stallOperations = ({ db, stores, repair }: Context): Untagged[] => [
  operation({
    id: 'listStalls',
    route: 'GET /v1/stalls',
    summary: 'Lists workflows and activities that keep failing, oldest first',
    role: 'viewer',
    answer: allOf('Those of your teams, up to 200', Stall),
    handle: async ({ access }) => ({
      body: { items: await stores.stalls.list({ teams: access.teamsWith('viewer') }) },
    }),
  }),
  operation({
    id: 'repairWorkflow',
    route: 'POST /v1/stalls/repair',
    summary: 'Resets a workflow to its last successful task, without the messages that arrived since',
    role: 'admin',
    body: Repair,
    answer: {
      status: 200,
      description: 'Where it continues',
      schema: z.object({ workflowId: z.string(), event: z.int(), runId: z.string() }),
    },
    async handle({ body: { workflowId, reason, toEvent }, access }) {
      const owner = await stores.records.ownerOf(workflowId);
      // What belongs to no record belongs to the installation.
      if (owner) access.demand('admin', owner.team, `workflow ${workflowId}`);
      else if (access.teamsWith('admin') !== undefined)
        throw new DomainError('not-found', `there is no workflow ${workflowId}`);
      const belongsTo = owner?.belongsTo;
      if (owner?.closedAt) throw new DomainError('conflict', `${belongsTo} is over`);
      const reset = await repair(workflowId, belongsTo, reason, toEvent);
      const subject = `history/${workflowId}`;
      await append(db, {
        key: `${subject}/reset/${reset.runId}`,
        at: new Date().toISOString(),
        actor: access.actor,
        action: 'history.reset',
        subject,
        reason,
        detail: { event: reset.event, runId: reset.runId },
        ...(belongsTo && { belongsTo }),
      });
      await stores.stalls.clear(workflowId, 'workflow');
      return { body: reset };
    },
  }),
];
