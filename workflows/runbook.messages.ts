import { completeTask, reassignTask } from './task.messages.ts';
import type { RunAsk } from '../domain/runbook-run.ts';

/** Name of the update for each thing that can be asked of a run. */
export const runUpdates = {
  'retry-step': 'retryStep',
  'skip-step': 'skipStep',
  'complete-task': completeTask,
  'reassign-task': reassignTask,
} as const satisfies Record<RunAsk['type'], string>;

/** Signal from a record to its runs: how they are to go on. */
export const runTold = 'runTold';

/** What a run is to do from now on; numbered, so that what was said before is not heard again. */
export interface Telling {
  number: number;
  paused: boolean;
  stopped: boolean;
}
