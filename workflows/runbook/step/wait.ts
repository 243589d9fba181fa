import { condition } from '@temporalio/workflow';
import type { StepResult } from '../../../activities/effect.ts';
import type { StepOutline } from '../../../domain/runbook-run.ts';
import { isOff, type Run, stepOf } from '../run.ts';

/** Lets the time of the step pass, counted from its start. */
export const wait = async (run: Run, { name, forMs = 0 }: StepOutline): Promise<StepResult> => {
  const until = Date.parse(stepOf(run, name).startedAt!) + forMs;
  const isStopped = await condition(() => isOff(run, name), Math.max(1, until - Date.now()));
  return isStopped ? { outcome: 'failed', detail: 'stopped' } : { outcome: 'done', detail: `waited ${forMs / 1000} s` };
};
