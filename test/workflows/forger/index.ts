import { proxyActivities, workflowInfo } from '@temporalio/workflow';

type Anything = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** What somebody with a connection to Temporal may write: it calls the product's activities under a workflow of its own. */
export async function forge(taskQueue: string, activity: string, args: unknown[]): Promise<unknown> {
  const activities = proxyActivities<Anything>({
    taskQueue,
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  });
  // `{runId}` stands for the run of the forger: nobody knows it beforehand.
  const { runId } = workflowInfo();
  return activities[activity]!(...(JSON.parse(JSON.stringify(args).replaceAll('{runId}', runId)) as unknown[]));
}
