import type { Client } from '@temporalio/client';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import type { Database } from '../../storage/database.ts';
import { openHistory } from '../../workers/history-json.ts';
import type { PayloadKeys } from '../../workers/payload-keys.ts';
import { runsOf } from './runs.ts';

/** What a worker does after a restart: every history that the stories wrote, open or closed, has to replay. */
export async function expectToReplay(
  client: Client,
  db: Database,
  keys: PayloadKeys,
  bundlePath: string,
  taskQueue: string,
): Promise<void> {
  const runs = await runsOf(client, db, taskQueue);
  const histories = async function* () {
    for (const { workflowId, runId } of runs)
      if (!(await isForged(client, workflowId, runId)))
        yield { workflowId, history: await opened(client, workflowId, runId, keys) };
  };
  const failures: string[] = [];
  for await (const { workflowId, runId, error } of Worker.runReplayHistories(
    { workflowBundle: { codePath: bundlePath } },
    histories(),
  ))
    if (error) failures.push(`${workflowId} ${runId}: ${error.message}`);
  expect(failures).toEqual([]);
}

/** What a forger ran under the id of a record is none of our workflows. */
const isForged = async (client: Client, workflowId: string, runId: string): Promise<boolean> =>
  (await client.workflow.getHandle(workflowId, runId).describe()).type === 'forge';

/** As it is archived: what was sealed for a workflow is read as it is. */
const opened = async (client: Client, workflowId: string, runId: string, keys: PayloadKeys) => {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return historyFromJSON(
    JSON.parse(openHistory(historyToJSON(history), keys, { namespace: client.options.namespace, workflowId })),
  );
};
