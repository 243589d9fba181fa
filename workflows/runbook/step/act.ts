import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { StepResult } from '../../../activities/effect.ts';
import type { StepOutline } from '../../../domain/runbook-run.ts';
import { acting } from '../../activities.ts';
import { changeStep, failedBy, isOff, referenceOf, type Run, stepOf, notifyOwner } from '../run.ts';

const never = { neverSent: true } as const;

/**
 * A request or a program: as many attempts as the step says, each under a number of its own, and none sooner than its
 * target has asked for.
 */
export const act = async (run: Run, { name, kind, attempts, everyMs, timeoutMs }: StepOutline): Promise<StepResult> => {
  const { round } = stepOf(run, name);
  const results: StepResult[] = [];
  for (let number = 1; number <= attempts && !isOff(run, name); number += 1) {
    const waitMs = Math.max(everyMs, results.at(-1)?.retryAfterMs ?? 0);
    if (number > 1) await condition(() => isOff(run, name), waitMs);
    // Each attempt by itself: what an earlier one did is known, whatever becomes of this one.
    const running = (): Promise<StepResult> =>
      acting(timeoutMs).runStep({ ...referenceOf(run, name, round), attempt: number });
    const attempt = (): Promise<StepResult> =>
      (kind === 'command' ? whileWanted(run, name, running) : running()).catch(failedBy);
    const result = await unlessHeld(run, name, attempt);
    if (!result) break;
    results.push(result);
    if (result.outcome !== 'failed') break;
  }
  const last = results.at(-1);
  if (!last) return { outcome: 'failed', detail: 'stopped before it began', ...never };
  return { outcome: last.outcome, detail: last.detail, ...(results.every(({ neverSent }) => neverSent) ? never : {}) };
};

/** Waits for as long as nothing is to begin, and says so; nothing when nobody wants the step any more. */
const unlessHeld = async (
  run: Run,
  name: string,
  attempt: () => Promise<StepResult>,
): Promise<StepResult | undefined> => {
  for (;;) {
    const result = await attempt();
    if (result.outcome !== 'held') return result;
    if (stepOf(run, name).held !== result.detail) {
      changeStep(run, name, { status: 'running', held: result.detail });
      await notifyOwner(run, `${name}/held/${stepOf(run, name).round}`, {
        reason: 'step-held',
        run: run.input.id,
        step: name,
      });
    }
    const before = run.heardLifted();
    await condition(() => isOff(run, name) || run.heardLifted() !== before, Math.max(1_000, result.retryAfterMs ?? 0));
    if (isOff(run, name)) return undefined;
  }
};

/** A program is told to stop as soon as nobody wants its step. A request is not: its answer is worth more than the time. */
const whileWanted = async (run: Run, name: string, work: () => Promise<StepResult>): Promise<StepResult> => {
  const working = new CancellationScope();
  const watching = new CancellationScope();
  watching
    .run(() => condition(() => isOff(run, name)))
    .then(
      () => working.cancel(),
      // The work has ended first.
      () => {},
    );
  try {
    return await working.run(work);
  } catch (error) {
    // Nobody had taken it up, or had not yet taken it up again.
    if (isCancellation(error) && isOff(run, name)) return { outcome: 'failed', detail: 'cancelled' };
    throw error;
  } finally {
    watching.cancel();
  }
};
