import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

interface Nothing {
  nothing(): Promise<void>;
}

const scheduled = proxyActivities<Nothing>({ startToCloseTimeout: '10 seconds' });
const local = proxyLocalActivities<Nothing>({ startToCloseTimeout: '10 seconds' });

/** Activities by how they run: as tasks of the server, or inside the workflow task. */
export interface Activities {
  scheduled: number;
  local: number;
}

/** What plans are compared with: as many activities, and nothing of ours. */
export async function bare(activities: Activities): Promise<void> {
  for (let done = 0; done < activities.scheduled; done += 1) await scheduled.nothing();
  for (let done = 0; done < activities.local; done += 1) await local.nothing();
}
