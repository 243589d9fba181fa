import { condition } from '@temporalio/workflow';
import type { StepResult } from '../../../activities/effect.ts';
import type { StepOutline } from '../../../domain/runbook-run.ts';
import { acting } from '../../activities.ts';
import { failedBy, isOff, referenceOf, type Run, stepOf } from '../run.ts';

const never = { neverSent: true } as const;

/** A request or a program: as many attempts as the step says, each under a number of its own. */
export const act = async (run: Run, { name, attempts, everyMs, timeoutMs }: StepOutline): Promise<StepResult> => {
  const { round } = stepOf(run, name);
  const results: StepResult[] = [];
  for (let number = 1; number <= attempts && !isOff(run, name); number += 1) {
    if (number > 1) await condition(() => isOff(run, name), everyMs);
    // Each attempt by itself: what an earlier one did is known, whatever becomes of this one.
    const asked = { ...referenceOf(run, name, round), attempt: number };
    const result = await acting(timeoutMs).runStep(asked).catch(failedBy);
    results.push(result);
    if (result.outcome !== 'failed') break;
  }
  const last = results.at(-1);
  if (!last) return { outcome: 'failed', detail: 'stopped before it began', ...never };
  return { outcome: last.outcome, detail: last.detail, ...(results.every(({ neverSent }) => neverSent) ? never : {}) };
};
