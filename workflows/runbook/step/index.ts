import type { StepResult } from '../../../activities/effect.ts';
import type { StepOutline } from '../../../domain/runbook-run.ts';
import { withStep } from '../../../domain/runbook-run.rules.ts';
import { now } from '../../time.ts';
import { askOwner, changeStep, failedBy, type Run, stepOf } from '../run.ts';
import { act } from './act.ts';
import { askApproval } from './approval.ts';
import { check } from './check.ts';
import { giveTask } from './task.ts';
import { wait } from './wait.ts';

/** How a step of each kind is carried out, once. */
const kinds: Record<StepOutline['kind'], (run: Run, step: StepOutline) => Promise<StepResult>> = {
  http: act,
  command: act,
  check,
  wait,
  task: (run, step) => giveTask(run, step),
  approval: askApproval,
};

/** Runs one step until it is done or skipped; says what failed otherwise. */
export async function attempt(run: Run, step: StepOutline): Promise<string | undefined> {
  const { record } = run;
  const { name } = step;
  for (;;) {
    changeStep(run, name, { status: 'running', startedAt: stepOf(run, name).startedAt ?? now() });
    const { round, ...before } = stepOf(run, name);
    const { outcome, detail, neverSent } = await kinds[step.kind](run, step).catch(failedBy);
    const { status } = stepOf(run, name);
    if (status === 'skipped') return undefined;
    // A retry that was never sent takes nothing from what an earlier round may have done.
    const isUntouched = neverSent === true && (round === 1 || before.neverSent === true);
    changeStep(run, name, {
      status: outcome === 'done' ? 'done' : 'failed',
      detail,
      endedAt: now(),
      neverSent: isUntouched ? true : undefined,
    });
    if (outcome === 'done') return undefined;
    const failure = `${name}: ${detail}`;
    // Nobody knows how it ended, so nothing is decided without a person.
    if ((step.onFailure === 'undo' && outcome === 'failed') || record.current.isCancelling) return failure;
    record.apply(
      { ...withStep(record.current, name, { asks: true }), status: 'asking' },
      { action: 'runbook.asking', reason: failure },
    );
    const isDecided = (): boolean => stepOf(run, name).status !== 'failed' || record.current.isCancelling;
    await askOwner(
      run,
      `${name}/failed/${stepOf(run, name).round}`,
      { reason: 'step-failed', run: run.input.id, step: name },
      isDecided,
    );
    if (stepOf(run, name).status === 'skipped') return undefined;
    if (stepOf(run, name).status === 'failed') return failure;
  }
}
