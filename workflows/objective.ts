import { workflowInfo } from '@temporalio/workflow';
import { looking } from './activities.ts';
import { objectiveIn } from './objective.messages.ts';

/** A year of minutes, some weeks at a time; whatever is missing then is asked for in the next minute. */
const mostRounds = 20;

/** Measures one objective until nothing is missing; started by its schedule, again and again. */
export async function measureObjectives(): Promise<void> {
  const objective = objectiveIn(workflowInfo().workflowId);
  for (let round = 0; round < mostRounds; round += 1)
    if (!(await looking.measureObjective({ objective, at: Date.now() }))) return;
}
