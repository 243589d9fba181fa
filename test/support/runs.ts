import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import type { Database } from '../../storage/database.ts';

interface Run {
  workflowId: string;
  runId: string;
}

/** Every run that the stories of a task queue have started: those of records, and those that have none and have ended. */
export const runsOf = async (client: Client, db: Database, taskQueue: string): Promise<Run[]> => {
  const { rows } = await sql<Run>`select workflow_id, run_id from workflow_run order by seen_at`.execute(db);
  const known = new Set(rows.map(({ runId }) => runId));
  const types = [
    'findPatterns',
    'measureObjectives',
    'produceReport',
    'produceMonthlyReports',
    'chaseSignals',
    'openRoutineRuns',
  ];
  const query = `TaskQueue = '${taskQueue}' and WorkflowType in (${types.map((type) => `'${type}'`).join()}) and ExecutionStatus = 'Completed'`;
  const others: Run[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query }))
    if (!known.has(runId)) others.push({ workflowId, runId });
  return [...rows, ...others];
};
