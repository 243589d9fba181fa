import { isOver } from '../../domain/operation-plan.rules.ts';
import { patched } from '@temporalio/workflow';
import type { ApprovalState } from '../../activities/approval/state.ts';
import { decide } from '../approval.ts';
import { stored } from '../activities.ts';
import { isStale, look } from './assess.ts';
import { fail, isToContinue, type Story, waitFor } from './story.ts';

const mostAttempts = 5;

/** Asks for the approval of this revision and waits for it. */
export async function approve(story: Story): Promise<void> {
  const { plan, timing, heard } = story;
  const { approval, id, workflowId, revision, assignments } = plan.current;
  if (approval?.status === 'not-needed') {
    plan.apply({ ...plan.current, status: 'approved' }, { action: 'plan.approval-not-needed' });
    return;
  }
  // The same question is put again under the same id after continue-as-new; a void one needs a new attempt.
  const isSame = approval !== undefined && ['open', 'approved', 'changes-requested'].includes(approval.status);
  const attempt = (approval?.attempt ?? 0) + (isSame ? 0 : 1);
  if (attempt > mostAttempts)
    return fail(story, 'rejected', `asked ${mostAttempts} times without a decision that held`);
  const executors = [...new Set(assignments.flatMap(({ person }) => (person === undefined ? [] : [person])))];
  const isOff = (): boolean => plan.current.status !== 'awaiting-approval' || isToContinue(story);
  const state = await decide({
    ask: {
      subject: 'plan',
      plan: id,
      revision,
      attempt,
      executors,
      workflowId,
      at: Date.now(),
    },
    heard: () => heard.approval,
    isOff,
    wait: (change, until) => waitFor(story, () => change() || isOff(), until),
    keep: (kept) => keep(story, attempt, kept),
  });
  if (isOff()) {
    if (state.status === 'open' && !isToContinue(story) && timing.worksInTurn) await drop(story, attempt, state.id);
    return;
  }
  switch (state.status) {
    case 'approved':
    case 'consumed':
      plan.apply({ ...plan.current, status: 'approved' }, { action: 'plan.approved', detail: { approval: state.id } });
      return;
    case 'changes-requested': {
      // The next run goes on where this one was; a plan that was asked before this was kept starts anew.
      const changeBy = plan.current.approval?.changeBy ?? inTime(timing.decideWithinMs);
      const until = Date.parse(changeBy);
      if (!(await waitFor(story, () => plan.current.status !== 'awaiting-approval', until)))
        fail(story, 'rejected', `changes were asked for and not made: ${state.reason ?? ''}`);
      return;
    }
    case 'rejected':
      return fail(story, 'rejected', `rejected: ${state.reason ?? 'without a reason'}`);
    case 'expired':
      return fail(story, 'rejected', 'nobody decided in time');
    case 'open':
    case 'superseded':
    case 'cancelled':
      return;
  }
}

/** Somebody moved the plan on while the question was put: nobody is to answer it. */
const drop = async ({ plan }: Story, attempt: number, id: string): Promise<void> => {
  const status = isOver(plan.current) ? 'cancelled' : 'superseded';
  await stored.withdrawApproval({ id, status, at: Date.now() });
  const { approval } = plan.current;
  if (isOver(plan.current) && approval?.id !== id) return;
  plan.apply(
    { ...plan.current, approval: { id, attempt, status } },
    { action: `plan.approval-${status}`, detail: { approval: id } },
  );
};

const inTime = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

const keep = ({ plan, timing }: Story, attempt: number, { id, status, deadlineAt }: ApprovalState): void => {
  const before = plan.current.approval;
  if (
    isOver(plan.current) ||
    plan.current.status !== 'awaiting-approval' ||
    (before?.id === id && before.status === status && before.deadlineAt === new Date(deadlineAt).toISOString())
  )
    return;
  const changing = status === 'changes-requested' ? { changeBy: inTime(timing.decideWithinMs) } : {};
  const approval = { id, attempt, status, deadlineAt: new Date(deadlineAt).toISOString(), ...changing };
  plan.apply({ ...plan.current, approval }, { action: `plan.approval-${status}`, detail: { approval: id } });
};

/** Finds the time of the start, in the maintenance window and with time for the undo. */
export async function schedule(story: Story): Promise<void> {
  const { plan } = story;
  const { id, revision, hasWindow } = plan.current;
  const slot = hasWindow ? await stored.findStart({ plan: id, revision, at: Date.now() }) : { startAt: Date.now() };
  if (plan.current.status !== 'approved') return;
  if ('none' in slot) return fail(story, 'failed', slot.none);
  plan.apply(
    { ...plan.current, status: 'scheduled', startAt: new Date(slot.startAt).toISOString() },
    { action: 'plan.scheduled', detail: { startAt: slot.startAt } },
  );
}

/** A start that was missed, by a pause or an outage, needs a new one. */
const isMissed = ({ plan }: Story, startAt: number): boolean => plan.current.hasWindow && Date.now() > startAt + 60_000;

const reschedule = ({ plan }: Story): void => {
  plan.apply({ ...plan.current, status: 'approved' }, { action: 'plan.start-missed' });
};

/** Waits for the start, looks once more at what may have changed meanwhile, and passes the last gate. */
export async function start(story: Story): Promise<void> {
  const { plan, timing } = story;
  const startAt = Date.parse(plan.current.startAt!);
  const isElsewhere = (): boolean => plan.current.status !== 'scheduled';
  if (startAt > Date.now()) {
    await waitFor(story, isElsewhere, startAt);
    if (isElsewhere() || isToContinue(story)) return;
    // Plans that started before this was looked at began all the same.
    if (plan.current.paused && patched('pause-holds-start')) return;
    if (isMissed(story, startAt)) return reschedule(story);
  } else if (isMissed(story, startAt) && patched('missed-start')) return reschedule(story);
  if (isStale(story)) {
    await look(story, 'scheduled');
    if (isElsewhere()) return;
    if (!plan.current.readiness!.mayBePlanned) {
      plan.apply({ ...plan.current, status: 'assessed' }, { action: 'plan.not-ready-any-more' });
      return;
    }
  }
  const { id, revision, digest, approval } = plan.current;
  const hasStarted = await plan.briefly(
    stored.startPlan({ plan: id, revision, digest: digest!, approval: approval?.id, at: Date.now() }),
  );
  if (isElsewhere()) return;
  if (!hasStarted) {
    plan.apply(
      { ...plan.current, status: 'awaiting-approval', approval: { ...approval!, status: 'superseded' } },
      { action: 'plan.approval-void' },
    );
    return;
  }
  const every = timing.statusReportEveryMs;
  const statusReport =
    every === undefined
      ? {}
      : { statusReport: { dueAt: new Date(Date.now() + every).toISOString(), chased: 0, number: 1 } };
  const isNoted = approval !== undefined && approval.status !== 'not-needed' && patched('approval-consumed');
  const consumed = isNoted ? { approval: { ...approval, status: 'consumed' as const } } : {};
  const gate = !plan.current.activities.some(({ origin }) => origin === 'gap');
  // Whatever the gate finds, it has all the time to become good again.
  const { readyBy, ...current } = plan.current;
  plan.apply(
    {
      ...current,
      ...(timing.worksInTurn || readyBy === undefined ? {} : { readyBy }),
      ...statusReport,
      ...consumed,
      status: 'running',
      isGateOpen: gate,
      startedAt: new Date().toISOString(),
    },
    { action: 'plan.started' },
  );
}
