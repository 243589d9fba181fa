import { randomUUID } from 'node:crypto';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { DomainError } from '../domain/errors.ts';
import type { Reference } from '../domain/reference.ts';
import type { InboxStore } from '../storage/inbox.ts';
import { approvalDecided } from '../workflows/approval.messages.ts';
import { readinessChanged } from '../workflows/operation-plan.messages.ts';

export interface Reset {
  workflowId: string;
  /** The last event that is kept is before this one. */
  event: number;
  runId: string;
}

const { RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL: signal, RESET_REAPPLY_EXCLUDE_TYPE_UPDATE: update } =
  proto.temporal.api.enums.v1.ResetReapplyExcludeType;

/**
 * Takes a workflow back to its last task that ended well, or to the event named, without what came since: one of these
 * messages may be what it cannot get over. What we know to have come is sent to it again. Refuses with `conflict` where
 * nothing is to be taken back.
 */
export const createRepair =
  (client: Client, inbox: Pick<InboxStore, 'deliverAgain'>) =>
  async (workflowId: string, belongsTo: Reference | undefined, reason: string, toEvent?: number): Promise<Reset> => {
    const { namespace } = client.options;
    const handle = client.workflow.getHandle(workflowId);
    const { runId, status } = await handle.describe().catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError)
        throw new DomainError('not-found', `Temporal has no workflow ${workflowId}`);
      throw error;
    });
    if (status.name !== 'RUNNING')
      throw new DomainError('conflict', `${workflowId} does not run: nothing is to be repaired`);
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
    const good = toEvent === undefined ? tasks.at(-1) : tasks.findLast(({ eventId }) => Number(eventId) <= toEvent);
    if (!good?.eventId)
      throw new DomainError(
        'conflict',
        `${workflowId} has no task that ended well${toEvent === undefined ? '' : ` up to event ${toEvent}`}`,
      );
    const reset = await client.workflowService.resetWorkflowExecution({
      namespace,
      workflowExecution: { workflowId, runId },
      reason,
      requestId: randomUUID(),
      workflowTaskFinishEventId: good.eventId,
      resetReapplyExcludeTypes: [signal, update],
    });
    // News that were dropped with the rest: whoever hears them looks at the database.
    const next = client.workflow.getHandle(workflowId, reset.runId);
    await Promise.all([approvalDecided, readinessChanged].map((name) => next.signal(name)));
    const since = new Date(Number(good.eventTime?.seconds ?? 0) * 1000).toISOString();
    if (belongsTo) await inbox.deliverAgain(belongsTo, since);
    return { workflowId, event: Number(good.eventId), runId: reset.runId };
  };
