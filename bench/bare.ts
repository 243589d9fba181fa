import {
  condition,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';

interface Plain {
  nothing(): Promise<void>;
  /** Somebody is told, in the place of a page. */
  tell(key: string): Promise<void>;
}

const scheduled = proxyActivities<Plain>({ startToCloseTimeout: '10 seconds' });
const local = proxyLocalActivities<Plain>({ startToCloseTimeout: '10 seconds' });

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

/** What the first page of an incident is compared with: a signal that starts a workflow, and one activity. */
export async function bareSignal(key: string): Promise<void> {
  let isHeard = false;
  setHandler(defineSignal('heard'), () => {
    isHeard = true;
  });
  await condition(() => isHeard);
  await scheduled.tell(key);
}

/** What an escalation is compared with: a timer, and one activity. */
export async function bareTimer(key: string, dueAt: number): Promise<void> {
  await sleep(Math.max(1, dueAt - Date.now()));
  await scheduled.tell(key);
}
