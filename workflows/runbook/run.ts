import { condition } from '@temporalio/workflow';
import type { StepResult } from '../../activities/effect.ts';
import type { Said } from '../../domain/notice.ts';
import type { RunbookRun, RunInput, StepRun } from '../../domain/runbook-run.ts';
import { withStep } from '../../domain/runbook-run.rules.ts';
import type { Stored } from '../activities.ts';
import { refusalOf } from '../refusal.ts';
import type { Tracked } from '../track/index.ts';

/** What the parts of a run share. */
export interface Run {
  record: Tracked<RunbookRun>;
  stored: Stored;
  input: RunInput;
  heardApprovals: () => number;
  heardLifted: () => number;
}

export const stepOf = ({ record }: Run, name: string): StepRun =>
  record.current.steps.find((step) => step.name === name)!;

export const changeStep = ({ record }: Run, name: string, change: Partial<StepRun> & Pick<StepRun, 'status'>): void => {
  record.apply(withStep(record.current, name, change), {
    action: `step.${change.status}`,
    ...(change.detail === undefined ? {} : { reason: change.detail }),
    detail: { step: name },
  });
};

/** Nobody wants the step any more. */
export const isOff = (run: Run, name: string): boolean =>
  run.record.current.isCancelling || stepOf(run, name).status === 'skipped';

/** Which runbook of the activity the steps are of: the one that runs, or the one that undoes it as a whole. */
export const purposeOf = ({ purpose }: RunInput): 'run' | 'undo' => (purpose === 'undo' ? 'undo' : 'run');

/** How a step of this run is named to activities. */
export const referenceOf = ({ input }: Run, step: string, round: number) => ({
  belongsTo: input.belongsTo,
  revision: input.revision,
  activity: input.activity,
  step,
  purpose: purposeOf(input),
  round,
  workflowId: input.workflowId,
  at: Date.now(),
});

/** Notifies whoever answers for the record, once for each key, when what is said can be read. */
export const notifyOwner = async ({ record, input, stored }: Run, key: string, said: Said): Promise<void> => {
  const { belongsTo, team, workflowId } = input;
  await record.saved();
  await stored.notifyPeople({ key: `${workflowId}/${key}`, belongsTo, to: { team }, said });
};

/** Notifies whoever answers for the record that a person has to decide; waits for as long as the record allows. */
export const askOwner = async (run: Run, key: string, said: Said, isDecided: () => boolean): Promise<boolean> => {
  await notifyOwner(run, key, said);
  return condition(isDecided, run.input.decideWithinMs);
};

/** What the domain refuses has failed; nothing was sent, since the refusal came first. */
export const failedBy = (error: unknown): StepResult => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  return { outcome: 'failed', detail: refusal.slice(0, 1000), neverSent: true };
};
