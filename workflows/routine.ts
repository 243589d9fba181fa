import { sleep, workflowInfo } from '@temporalio/workflow';
import { computing } from './activities.ts';
import { nameIn } from './schedule.messages.ts';

/** Whatever is left then, the sweep opens. */
const mostRounds = 200;
const shortestMs = 10_000;

/**
 * Opens what is due of one routine, and what comes due of it by its jitter; begun by its schedule. It only says that it may be
 * time: which times those are, and what is opened, is looked up.
 */
export async function openRoutineRuns(): Promise<void> {
  const routine = nameIn(workflowInfo().workflowId);
  for (let round = 0; round < mostRounds; round += 1) {
    const nextInMs = await computing.lookAtRoutine({ routine, at: Date.now() });
    if (nextInMs === null) return;
    await sleep(Math.max(nextInMs, shortestMs));
  }
}
