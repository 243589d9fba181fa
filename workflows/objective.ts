import { sleep, workflowInfo } from '@temporalio/workflow';
import { nextLook } from '../domain/objective/rhythm.rules.ts';
import { createLook } from './activities.ts';
import { isScheduled, objectiveIn } from './objective.messages.ts';

/** A year of minutes, some weeks at a time; whatever is missing then is asked for in the next minute. */
const mostRounds = 20;

/**
 * Measures one objective until nothing is missing, and again every minute until its schedule begins the next run. Under an id
 * that no schedule gives, once.
 */
export async function measureObjectives(): Promise<void> {
  const { workflowId, startTime } = workflowInfo();
  const objective = objectiveIn(workflowId);
  const look = createLook();
  for (;;) {
    for (let round = 0; round < mostRounds; round += 1) if (!(await look({ objective, at: Date.now() }))) break;
    const now = Date.now();
    const next = isScheduled(workflowId) ? nextLook(objective, startTime.getTime(), now) : undefined;
    if (next === undefined) return;
    await sleep(next - now);
  }
}
