import { condition } from '@temporalio/workflow';
import type { RunbookRun, RunInput, StepRun } from '../../domain/runbook-run.ts';
import { withStep } from '../../domain/runbook-run.rules.ts';
import type { Stored } from '../activities.ts';
import type { Tracked } from '../track.ts';

/** What the parts of a run share. */
export interface Run {
  record: Tracked<RunbookRun>;
  stored: Stored;
  input: RunInput;
  heardApprovals: number;
}

export const stepOf = ({ record }: Run, name: string): StepRun =>
  record.current.steps.find((step) => step.name === name)!;

export const changeStep = ({ record }: Run, name: string, change: Partial<StepRun>): void => {
  record.apply(withStep(record.current, name, change), {
    action: `step.${change.status}`,
    ...(change.detail === undefined ? {} : { reason: change.detail }),
    detail: { step: name },
  });
};

/** How a step of this run is named to activities. */
export const referenceOf = ({ input }: Run, step: string, round: number) => ({
  plan: input.plan,
  revision: input.revision,
  activity: input.activity,
  step,
  purpose: input.purpose === 'undo' ? ('undo' as const) : ('run' as const),
  round,
  workflowId: input.workflowId,
});

/** Tells whoever answers for the plan that a person has to decide; waits for as long as the plan allows. */
export const askOwner = async (
  { input, stored }: Run,
  key: string,
  subject: string,
  text: string,
  isDecided: () => boolean,
): Promise<boolean> => {
  const { plan, team, workflowId, decideWithinMs } = input;
  await stored.notifyPeople({
    key: `${workflowId}/${key}`,
    plan,
    to: { team },
    subject,
    text: `${text}\n\nevenkeel plan show ${plan}`,
  });
  return condition(isDecided, decideWithinMs);
};
