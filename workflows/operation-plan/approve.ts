import * as progress from '../../domain/operation-plan/progress.rules.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import type { ApprovalState } from '../../activities/approval/state.ts';
import { decide } from '../approval.ts';
import { inTime, now } from '../track.ts';
import { isStale, look } from './assess.ts';
import { fail, isToContinue, type PlanContext, waitFor } from './context.ts';

const mostAttempts = 20;

/** Asks for the approval of this revision and waits for it. */
export async function approve(context: PlanContext): Promise<void> {
  const { plan, belongsTo, stored, timing, heard } = context;
  const { approval, workflowId, revision, assignments } = plan.current;
  if (approval?.status === 'not-needed') {
    plan.apply(progress.approved(plan.current), { action: 'plan.approval-not-needed' });
    return;
  }
  // The same question is put again under the same id after continue-as-new; a void one needs a new attempt.
  const isSame = approval !== undefined && ['open', 'approved', 'changes-requested'].includes(approval.status);
  const attempt = (approval?.attempt ?? 0) + (isSame ? 0 : 1);
  if (attempt > mostAttempts)
    return fail(context, 'rejected', `asked ${mostAttempts} times without a decision that held`);
  const executors = [...new Set(assignments.flatMap(({ person }) => (person === undefined ? [] : [person])))];
  const isOff = (): boolean => plan.current.status !== 'awaiting-approval' || isToContinue(context);
  const state = await decide(stored, {
    ask: {
      about: 'record',
      belongsTo,
      revision,
      attempt,
      executors,
      workflowId,
      at: Date.now(),
    },
    heard: () => heard.approval,
    isOff,
    wait: (change, until) => waitFor(context, () => change() || isOff(), until),
    keep: (kept) => keep(context, attempt, kept),
  });
  if (isOff()) {
    if (state.status === 'open' && !isToContinue(context)) await drop(context, attempt, state.id);
    return;
  }
  switch (state.status) {
    case 'approved':
    case 'consumed':
      plan.apply(progress.approved(plan.current), { action: 'plan.approved', detail: { approval: state.id } });
      return;
    case 'changes-requested': {
      // The next run goes on where this one was.
      const changeBy = plan.current.approval?.changeBy ?? inTime(timing.decideWithinMs);
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
const drop = async ({ plan, stored }: PlanContext, attempt: number, id: string): Promise<void> => {
  const status = isOver(plan.current) ? 'cancelled' : 'superseded';
  await stored.withdrawApproval({ id, status, at: Date.now() });
  const { approval } = plan.current;
  if (isOver(plan.current) && approval?.id !== id) return;
  plan.apply(progress.asked(plan.current, { id, attempt, status }), {
    action: `plan.approval-${status}`,
    detail: { approval: id },
  });
};

const keep = ({ plan, timing }: PlanContext, attempt: number, { id, status, deadlineAt }: ApprovalState): void => {
  const before = plan.current.approval;
  if (
    isOver(plan.current) ||
    plan.current.status !== 'awaiting-approval' ||
    (before?.id === id && before.status === status && before.deadlineAt === new Date(deadlineAt).toISOString())
  )
    return;
  const changing = status === 'changes-requested' ? { changeBy: inTime(timing.decideWithinMs) } : {};
  const approval = { id, attempt, status, deadlineAt: new Date(deadlineAt).toISOString(), ...changing };
  plan.apply(progress.asked(plan.current, approval), {
    action: `plan.approval-${status}`,
    detail: { approval: id },
  });
};

/** Finds the time of the start, in the maintenance window and with time for the undo. */
export async function schedule(context: PlanContext): Promise<void> {
  const { plan, stored } = context;
  const { id, revision, hasWindow } = plan.current;
  const slot = hasWindow ? await stored.findStart({ plan: id, revision, at: Date.now() }) : { startAt: Date.now() };
  if (plan.current.status !== 'approved') return;
  if ('none' in slot) return fail(context, 'failed', slot.none);
  plan.apply(progress.scheduled(plan.current, new Date(slot.startAt).toISOString()), {
    action: 'plan.scheduled',
    detail: { startAt: slot.startAt },
  });
}

/** A start that was missed, by a pause or an outage, needs a new one. */
const isMissed = ({ plan }: PlanContext, startAt: number): boolean =>
  plan.current.hasWindow && Date.now() > startAt + 60_000;

const reschedule = ({ plan }: PlanContext): void => {
  plan.apply(progress.startMissed(plan.current), { action: 'plan.start-missed' });
};

/** Waits for the start, looks once more at what may have changed meanwhile, and passes the last gate. */
export async function start(context: PlanContext): Promise<void> {
  const { plan, stored, timing } = context;
  const startAt = Date.parse(plan.current.startAt!);
  const isElsewhere = (): boolean => plan.current.status !== 'scheduled';
  if (startAt > Date.now()) {
    await waitFor(context, isElsewhere, startAt);
    if (isElsewhere() || isToContinue(context)) return;
    if (plan.current.paused) return;
  }
  if (isMissed(context, startAt)) return reschedule(context);
  if (isStale(context)) {
    await look(context, 'scheduled');
    if (isElsewhere()) return;
    if (!plan.current.readiness!.mayBePlanned) {
      plan.apply(progress.notReadyAnyMore(plan.current), { action: 'plan.not-ready-any-more' });
      return;
    }
  }
  const { id, revision, digest, approval } = plan.current;
  const hasStarted = await plan.briefly(
    stored.startPlan({ plan: id, revision, digest: digest!, approval: approval?.id, at: Date.now() }),
  );
  if (isElsewhere()) return;
  if (!hasStarted) {
    plan.apply(progress.approvalVoid(plan.current), { action: 'plan.approval-void' });
    return;
  }
  const { statusReportEveryMs: every } = timing;
  plan.apply(
    progress.started(plan.current, {
      at: now(),
      consumes: approval !== undefined && approval.status !== 'not-needed',
      ...(every === undefined ? {} : { statusReport: { dueAt: inTime(every), chased: 0, number: 1 } }),
    }),
    { action: 'plan.started' },
  );
}
