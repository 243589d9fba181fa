import { condition } from '@temporalio/workflow';
import type { StepResult } from '../../../activities/effect.ts';
import type { StepOutline } from '../../../domain/runbook-run.ts';
import { isOff, type Run, stepOf } from '../run.ts';

/** Lets the time of the step pass, counted from its start. */
export const wait = async (run: Run, { name, forMs = 0 }: StepOutline): Promise<StepResult> => {
  const until = Date.parse(stepOf(run, name).startedAt!) + forMs;
  // The clock counts: a timer may have been set for less by somebody who answered in the place of a worker.
  while (!isOff(run, name) && Date.now() < until) await condition(() => isOff(run, name), until - Date.now());
  return isOff(run, name)
    ? { outcome: 'failed', detail: 'stopped' }
    : { outcome: 'done', detail: `waited ${forMs / 1000} s` };
};
