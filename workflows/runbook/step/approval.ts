import type { StepResult } from '../../../activities/effect.ts';
import type { StepOutline } from '../../../domain/runbook-run.ts';
import { decide } from '../../approval.ts';
import { purposeOf, type Run, stepOf } from '../run.ts';

/** Puts the question of the step; its approval is used up here, since nothing else stands for it. */
export const askApproval = async (run: Run, { name }: StepOutline): Promise<StepResult> => {
  const { record, input, stored } = run;
  const { belongsTo, revision, activity, executors, workflowId } = input;
  const { round } = stepOf(run, name);
  const state = await decide(stored, {
    ask: {
      about: 'step',
      step: name,
      activity,
      purpose: purposeOf(input),
      belongsTo,
      revision,
      attempt: round,
      executors,
      workflowId,
      at: Date.now(),
    },
    heard: run.heardApprovals,
    isOff: () => record.current.isCancelling,
    keep: () => {},
  });
  if (state.status === 'open') {
    await stored.withdrawApproval({ id: state.id, status: 'cancelled', at: Date.now() });
    return { outcome: 'failed', detail: 'stopped' };
  }
  if (state.status !== 'approved' && state.status !== 'consumed')
    return { outcome: 'failed', detail: `${state.status}${state.reason ? `: ${state.reason}` : ''}` };
  const isPassed = await stored.passApproval({ id: state.id, by: `${workflowId}/${name}/${round}`, at: Date.now() });
  return isPassed
    ? { outcome: 'done', detail: `approved by ${state.id}` }
    : { outcome: 'failed', detail: 'the approval does not hold any more' };
};
