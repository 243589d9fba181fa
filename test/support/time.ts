import type { Client } from '@temporalio/client';
import { grpcCode } from '../../workers/temporal.ts';

/** FAST_FORWARD_POLLING_RESULT_COMPLETED of temporal.api.enums.v1. */
const completed = 2;
/** The gRPC code for a workflow that has ended. */
const notFound = 5;

/**
 * Moves the clock of one workflow forward on the real server. Whatever falls due on the way happens in order: timers,
 * reminders, escalations; children follow by themselves. Resolves when that time is reached or the workflow has ended.
 */
export async function skip(client: Client, workflowId: string, milliseconds: number): Promise<void> {
  const { namespace } = client.options;
  const workflowExecution = { workflowId };
  const fastForwardId = crypto.randomUUID();
  const duration = { seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1e6 };
  // The SDK has no types for this part of the server's API yet.
  const request = {
    namespace,
    workflowExecution,
    updateMask: { paths: ['time_skipping_config'] },
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id: fastForwardId, duration } },
    },
  } as unknown as Parameters<Client['workflowService']['updateWorkflowExecutionOptions']>[0];
  try {
    await client.workflowService.updateWorkflowExecutionOptions(request);
  } catch (error) {
    if (grpcCode(error) !== notFound) throw error;
    return;
  }
  const { fastForwardPollingResult, failedReason } = await client.workflowService.pollWorkflowExecutionTimeSkipping({
    namespace,
    workflowExecution,
    fastForwardId,
  });
  if (fastForwardPollingResult?.valueOf() !== completed && !failedReason.includes('ended'))
    throw new Error(failedReason);
}

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;
export const days = (count: number): number => count * 86_400_000;
