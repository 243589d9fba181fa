import { completeTask } from './task.messages.ts';
import type { RunAsk } from '../domain/runbook-run.ts';

/** Name of the update for each thing that can be asked of a run. */
export const runUpdates = {
  'retry-step': 'retryStep',
  'skip-step': 'skipStep',
  'complete-task': completeTask,
} as const satisfies Record<RunAsk['type'], string>;

/** Signals from a record to its runs. */
export const runPaused = 'runPaused';
export const runResumed = 'runResumed';
export const runStopped = 'runStopped';
