import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '10 seconds' });

/** What plans are compared with: as many activities, and nothing of ours. */
export async function bare(activities: number): Promise<void> {
  for (let done = 0; done < activities; done += 1) await nothing();
}
