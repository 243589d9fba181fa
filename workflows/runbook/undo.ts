import type { StepResult } from '../../activities/effect.ts';
import type { RunEnd, StepOutline } from '../../domain/runbook-run.ts';
import { acting } from '../activities.ts';
import { now } from '../time.ts';
import { askOwner, changeStep, failedBy, referenceOf, type Run, stepOf } from './run.ts';
import { giveTask } from './step/task.ts';

/**
 * Undoes every step that has an undo and was done or may be half done, the latest first. One that cannot be undone
 * stops the others until a person retries it or leaves it as it is.
 */
export async function undoSteps(run: Run): Promise<Extract<RunEnd['status'], 'undone' | 'failed'>> {
  const { record, input } = run;
  if (record.current.status !== 'undoing')
    record.apply({ ...record.current, status: 'undoing' }, { action: 'runbook.undoing' });
  for (const step of input.outline.flat().toReversed()) {
    const { status, hasUndo, neverSent } = stepOf(run, step.name);
    if (!hasUndo || neverSent || (status !== 'done' && status !== 'failed')) continue;
    if (!(await undoStep(run, step))) return 'failed';
  }
  return 'undone';
}

const undoStep = async (run: Run, step: StepOutline): Promise<boolean> => {
  const { name } = step;
  const { input } = run;
  for (;;) {
    changeStep(run, name, { status: 'undoing' });
    const { outcome, detail } = await undoOnce(run, step).catch(failedBy);
    changeStep(run, name, { status: outcome === 'done' ? 'undone' : 'undo-failed', detail, endedAt: now() });
    if (outcome === 'done') return true;
    const { undoRound } = stepOf(run, name);
    const isDecided = (): boolean => stepOf(run, name).status !== 'undo-failed';
    await askOwner(
      run,
      `${name}/undo-failed/${undoRound}`,
      { reason: 'step-undo-failed', run: input.id, step: name },
      isDecided,
    );
    const { status } = stepOf(run, name);
    if (status === 'left') return true;
    if (status === 'undo-failed') return false;
  }
};

const undoOnce = (run: Run, { name, undo, timeoutMs }: StepOutline): Promise<StepResult> => {
  const { undoRound } = stepOf(run, name);
  if (undo!.kind === 'task') return giveTask(run, { name }, undoRound);
  return acting(timeoutMs).undoStep({ ...referenceOf(run, name, 1), undoRound });
};
