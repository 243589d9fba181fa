import { condition } from '@temporalio/workflow';
import type { StepResult } from '../../../activities/effect.ts';
import type { StepOutline } from '../../../domain/runbook-run.ts';
import { looking } from '../../activities.ts';
import { isOff, referenceOf, type Run, stepOf } from '../run.ts';

/** Looks at the evidence again and again, until it is good or the time is up. */
export const check = async (run: Run, { name, forMs = 0, checkEveryMs = 1000 }: StepOutline): Promise<StepResult> => {
  const until = Date.now() + forMs;
  for (;;) {
    const { round } = stepOf(run, name);
    const result = await looking.checkStep(referenceOf(run, name, round));
    if (result.outcome === 'done' || isOff(run, name)) return result;
    if (Date.now() + checkEveryMs > until) return { outcome: 'failed', detail: `not good in time: ${result.detail}` };
    await condition(() => isOff(run, name), checkEveryMs);
  }
};
