import { WorkflowNotFoundError } from '@temporalio/client';
import type { DeploymentFact } from '../../domain/deployment.ts';
import type { InboxRow } from '../../domain/inbox.ts';
import { type DeploymentBatch, deploymentsReported } from '../../workflows/operation-plan.messages.ts';
import type { StartPorts } from '../start-once.ts';

const deadlineMs = 5_000;

/** Tells the workflow of a plan; false when there is none, or it has ended. */
export const tell = async (
  workflowId: string,
  row: InboxRow,
  { change, artifact }: DeploymentFact,
  { client }: Pick<StartPorts, 'client'>,
): Promise<boolean> => {
  const batch: DeploymentBatch = { batchId: `${row.id}/${change}`, facts: [{ change, artifact, source: row.source }] };
  try {
    await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.getHandle(workflowId).signal(deploymentsReported, batch),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
};
