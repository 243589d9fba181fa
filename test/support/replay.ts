import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Database } from '../../storage/database.ts';

/** What a worker does after a restart: every history that the stories wrote, open or closed, has to replay. */
export async function expectToReplay(client: Client, db: Database, bundlePath: string): Promise<void> {
  const { rows } = await sql<{
    workflowId: string;
    runId: string;
  }>`select workflow_id, run_id from workflow_run`.execute(db);
  const histories = async function* () {
    for (const { workflowId, runId } of rows)
      yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
  };
  const failures: string[] = [];
  for await (const { workflowId, runId, error } of Worker.runReplayHistories(
    { workflowBundle: { codePath: bundlePath } },
    histories(),
  ))
    if (error) failures.push(`${workflowId} ${runId}: ${error.message}`);
  expect(failures).toEqual([]);
}
