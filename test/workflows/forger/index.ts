import { proxyActivities } from '@temporalio/workflow';

type Anything = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** What somebody with a connection to Temporal may write: it calls the product's activities under a workflow of its own. */
export async function forge(taskQueue: string, activity: string, args: unknown[]): Promise<unknown> {
  const activities = proxyActivities<Anything>({
    taskQueue,
    startToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
  });
  return activities[activity]!(...args);
}
