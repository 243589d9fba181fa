import type { ApprovalId } from '../../domain/id.ts';
import type { PlanIn, PlanQuestion } from '../../domain/operation-plan.ts';
import * as progress from '../../domain/operation-plan/progress.rules.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import { seatedIn } from '../../domain/operation-plan/seat.rules.ts';
import type { ApprovalState } from '../../activities/approval/state.ts';
import { decide } from '../approval.ts';
import { inTime } from '../time.ts';
import { fail, isToContinue, type PlanContext, waitFor } from './context.ts';

const mostAttempts = 20;

/** Asks for the approval of this revision and waits for it. */
export async function approve(context: PlanContext, from: PlanIn<'awaiting-approval'>): Promise<void> {
  const { plan, belongsTo, stored, timing, heard } = context;
  const { approval, workflowId, revision } = from;
  if (approval?.status === 'not-needed') {
    plan.apply(progress.approved(from), { action: 'plan.approval-not-needed' });
    return;
  }
  // The same question is put again under the same id after continue-as-new; a void one needs a new attempt.
  const isSame = approval !== undefined && ['open', 'approved', 'changes-requested'].includes(approval.status);
  const attempt = (approval?.attempt ?? 0) + (isSame ? 0 : 1);
  if (attempt > mostAttempts)
    return fail(context, 'rejected', `asked ${mostAttempts} times without a decision that held`);
  const executors = seatedIn(from);
  const isOff = (): boolean => plan.current.status !== 'awaiting-approval' || isToContinue(context);
  const state = await decide(stored, {
    ask: { about: 'record', belongsTo, revision, attempt, executors, workflowId, at: Date.now() },
    heard: heard.approval,
    isOff,
    keep: (kept) => keep(context, attempt, kept),
  });
  const pending = plan.current;
  if (pending.status !== 'awaiting-approval') {
    if (state.status === 'open') await drop(context, attempt, state.id);
    return;
  }
  if (isToContinue(context)) return;
  switch (state.status) {
    case 'approved':
    case 'consumed':
      plan.apply(progress.approved(pending), { action: 'plan.approved', detail: { approval: state.id } });
      return;
    case 'changes-requested': {
      // The next run goes on where this one was.
      const changeBy = progress.askedIn(pending)?.changeBy ?? inTime(timing.decideWithinMs);
      const until = Date.parse(changeBy);
      if (!(await waitFor(context, () => plan.current.status !== 'awaiting-approval', until)))
        fail(context, 'rejected', `changes were asked for and not made: ${state.reason ?? ''}`);
      return;
    }
    case 'rejected':
      return fail(context, 'rejected', `rejected: ${state.reason ?? 'without a reason'}`);
    case 'expired':
      return fail(context, 'rejected', 'nobody decided in time');
    case 'open':
    case 'superseded':
    case 'cancelled':
      return;
  }
}

/** Somebody moved the plan on while the question was put: nobody is to answer it. */
const drop = async ({ plan, stored }: PlanContext, attempt: number, id: ApprovalId): Promise<void> => {
  const status = isOver(plan.current) ? 'cancelled' : 'superseded';
  await stored.withdrawApproval({ id, status, at: Date.now() });
  if (!isOver(plan.current) || progress.askedIn(plan.current)?.id === id) note(plan, { id, attempt, status });
};

const keep = ({ plan, timing }: PlanContext, attempt: number, { id, status, ...state }: ApprovalState): void => {
  const before = progress.askedIn(plan.current);
  const deadlineAt = new Date(state.deadlineAt).toISOString();
  const isKept = before?.id === id && before.status === status && before.deadlineAt === deadlineAt;
  if (plan.current.status !== 'awaiting-approval' || isKept) return;
  const changing = status === 'changes-requested' ? { changeBy: inTime(timing.decideWithinMs) } : {};
  note(plan, { id, attempt, status, deadlineAt, ...changing });
};

const note = (plan: PlanContext['plan'], approval: PlanQuestion): void => {
  const { id, status } = approval;
  plan.apply(progress.asked(plan.current, approval), { action: `plan.approval-${status}`, detail: { approval: id } });
};
