import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Reference } from '../domain/reference.ts';
import type { RecordStore } from '../storage/record.ts';

export interface StartPorts {
  client: Client;
  records: Pick<RecordStore, 'noteRun'>;
  taskQueue: string;
}

interface Started {
  type: string;
  belongsTo: Reference;
  /** What it is started with. */
  input: { workflowId: string };
  staticSummary?: string;
}

const deadlineMs = 5_000;

/** Starts the workflow of a record, or finds it running; false when it has ended. Throws where a foreign one has its id. */
export const startOnce = async (
  { client, records, taskQueue }: StartPorts,
  { type, belongsTo, input, staticSummary }: Started,
): Promise<boolean> => {
  const { workflowId } = input;
  const until = Date.now() + deadlineMs;
  // It may end before it saves anything, and is archived all the same.
  const note = (runId: string): Promise<void> => records.noteRun(workflowId, runId, belongsTo);
  try {
    const { firstExecutionRunId } = await client.withDeadline(until, () =>
      client.workflow.start(type, {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        ...(staticSummary === undefined ? {} : { staticSummary }),
      }),
    );
    await note(firstExecutionRunId);
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const found = await client.withDeadline(until, () => client.workflow.getHandle(workflowId).describe());
    // Not ours, and not to be noted: the row waits, which /readyz and metrics say.
    if (found.type !== type || found.taskQueue !== taskQueue)
      throw new Error(`the id ${workflowId} is taken by a workflow that is not of Evenkeel`, { cause: error });
    // Whoever started it may have died before it was noted.
    await note(found.runId);
    return found.status.name === 'RUNNING';
  }
};
