import { sleep, workflowInfo } from '@temporalio/workflow';
import { nextLook } from '../domain/objective/rhythm.rules.ts';
import { createLook } from './activities.ts';
import { isScheduled, nameIn } from './schedule.messages.ts';
import { refusalOf } from './refusal.ts';

/** A year of minutes, some weeks at a time; whatever is missing then is asked for in the next minute. */
const mostRounds = 20;

/**
 * Measures one objective until nothing is missing, and again every minute until its schedule begins the next run. Under an id
 * that no schedule gives, once.
 */
export async function measureObjectives(): Promise<void> {
  const { workflowId, startTime } = workflowInfo();
  const objective = nameIn(workflowId);
  const look = createLook();
  for (;;) {
    for (let round = 0; round < mostRounds; round += 1) if (!(await lookedAt(objective, look))) break;
    const now = Date.now();
    const next = isScheduled(workflowId) ? nextLook(objective, startTime.getTime(), now) : undefined;
    if (next === undefined) return;
    await sleep(next - now);
  }
}

/** One that is refused is looked at again in the next minute: what it was refused for may be mended by then. */
const lookedAt = async (objective: string, look: ReturnType<typeof createLook>): Promise<boolean> => {
  try {
    return await look({ objective, at: Date.now() });
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    return false;
  }
};
