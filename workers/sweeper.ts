import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Logger } from 'pino';
import { notifyOfStall } from '../activities/notification/stalled.ts';
import { createRecordKinds, type WorldPorts } from '../activities/index.ts';
import { keepable } from '../domain/text.ts';
import type { StallStore } from '../storage/stall.ts';
import { openHistory } from './history-json.ts';
import { type Loop, startLoop } from './loop.ts';
import type { PayloadKeys } from './payload-keys.ts';

const sweepEveryMs = 30_000;
const mostFound = 200;

/**
 * Finds workflows whose task fails again and again, for whatever cause: Temporal marks them after some attempts. They are
 * noted until they go on.
 */
export function startSweeper(
  client: Client,
  keys: PayloadKeys,
  stalls: StallStore,
  world: WorldPorts,
  log: Logger,
  everyMs = sweepEveryMs,
): Loop {
  const ports = { ...world, kinds: createRecordKinds(world) };
  return startLoop('sweeper', everyMs, log, async () => {
    const found = await failing(client);
    for (const { workflowId, runId } of found) {
      const { attempts, reason } = await faultOf(client, keys, workflowId, runId);
      const stall = await stalls.note({ workflowId, what: 'workflow', reason, attempts });
      await notifyOfStall(ports, stall);
    }
    await stalls.clearOthers(
      'workflow',
      found.map(({ workflowId }) => workflowId),
    );
    await stalls.clearEnded();
    return 0;
  });
}

const failing = async (client: Client): Promise<WorkflowExecutionInfo[]> => {
  const query = "ExecutionStatus = 'Running' and TemporalReportedProblems is not null";
  const found: WorkflowExecutionInfo[] = [];
  for await (const execution of client.workflow.list({ query })) {
    found.push(execution);
    if (found.length === mostFound) break;
  }
  return found;
};

/** What the task failed with last, as its history has it. */
const faultOf = async (client: Client, keys: PayloadKeys, workflowId: string, runId: string) => {
  const { namespace } = client.options;
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  const attempts = raw.pendingWorkflowTask?.attempt ?? 0;
  const execution = { workflowId, runId };
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution,
    maximumPageSize: 50,
  });
  const { events } = JSON.parse(openHistory(historyToJSON(history!), keys, { namespace, workflowId })) as {
    events: FailedEvent[];
  };
  const failed = events.find((event) => event.workflowTaskFailedEventAttributes)?.workflowTaskFailedEventAttributes;
  return { attempts, reason: keepable(failed ? textOf(failed) : 'its workflow task fails', 500) };
};

interface FailedEvent {
  workflowTaskFailedEventAttributes?: {
    cause?: string;
    failure?: { message?: string; encodedAttributes?: { data?: string } };
  };
}

/** The message is sealed with the stack, where our own code has failed. */
const textOf = ({
  cause = '',
  failure = {},
}: NonNullable<FailedEvent['workflowTaskFailedEventAttributes']>): string => {
  const { data } = failure.encodedAttributes ?? {};
  const said = data && (JSON.parse(Buffer.from(data, 'base64').toString()) as { message?: string });
  // Words that were not sealed may be anybody's.
  return (said && said.message) || cause.replaceAll('_', ' ').toLowerCase();
};
