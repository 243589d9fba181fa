import { condition, continueAsNew } from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { OperationPlan, PlanInput } from '../../domain/operation-plan.ts';
import { tasksCancelled } from '../../domain/operation-plan/progress.rules.ts';
import { isExecuting, isOver, open } from '../../domain/operation-plan/record.rules.ts';
import { createStored, createTurns } from '../activities.ts';
import { unlessCancelled } from '../cancellation.ts';
import { holdLifted } from '../hold.messages.ts';
import { approvalDecided } from '../approval.messages.ts';
import { readinessChanged } from '../operation-plan.messages.ts';
import { refusalOf } from '../refusal.ts';
import { now } from '../time.ts';
import { type Carried, track } from '../track/index.ts';
import { approve } from './approve.ts';
import { becomeReady, look, makePlan } from './assess.ts';
import { execute } from './execute.ts';
import { listen } from './hear.ts';
import { schedule, start } from './start.ts';
import { staff, staffWhileRunning } from './staff.ts';
import { chaseStatusReports, remindWhilePaused } from './reminders.ts';
import { fail, isToContinue, type PlanContext } from './context.ts';
import { undo } from './undo.ts';

/**
 * Carries one operation plan from its trigger to its report: assess, plan, staff, approve, execute or undo, report.
 * A plan may live for weeks; it continues as new wherever nothing runs.
 */
export async function runOperationPlan(input: PlanInput, carried?: Carried<OperationPlan>): Promise<void> {
  const stored = createStored(createTurns());
  const belongsTo = planReference(input.id);
  const plan = track<OperationPlan>({
    initial: open(input),
    opening: { by: evenkeel, at: now(), action: 'plan.opened', detail: { trigger: input.trigger } },
    carried,
    subject: belongsTo,
    belongsTo,
    save: stored.savePlan,
    again: (next) => continueAsNew<typeof runOperationPlan>(input, next),
    messagesPerRun: input.timing.messagesPerRun,
  });
  const { failures } = listen(plan);
  const context: PlanContext = {
    plan,
    belongsTo,
    stored,
    timing: input.timing,
    heard: {
      approval: plan.counts(approvalDecided),
      readiness: plan.counts(readinessChanged),
      lifted: plan.counts(holdLifted),
      failures,
    },
    looked: 0,
    children: 0,
    isReporting: false,
    isStaffing: false,
  };

  await plan.unlessRefused(carryOut(context));
}

const carryOut = async (context: PlanContext): Promise<void> => {
  const { plan } = context;
  const reporting = chaseStatusReports(context).catch(unlessCancelled);
  remindWhilePaused(context).catch(unlessCancelled);
  staffWhileRunning(context).catch(unlessCancelled);
  while (!isOver(plan.current)) {
    // The next run would send what is being reported now under the number of this one, and not notify who was just asked.
    if (isToContinue(context)) await plan.continueAsNew(() => !context.isReporting && !context.isStaffing);
    if (plan.current.paused && !isExecuting(plan.current)) await resumed(context);
    else await nextPhase(context).catch((error: unknown) => endIfRefused(context, error));
  }
  await conclude(context, reporting);
};

/** What the domain refuses for good ends the plan with that reason; anything else is a fault of ours. */
const endIfRefused = (context: PlanContext, error: unknown): void => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  fail(context, 'failed', refusal);
};

const nextPhase = async (context: PlanContext): Promise<void> => {
  const { current } = context.plan;
  switch (current.status) {
    case 'draft':
      return look(context);
    case 'assessed':
      return current.readiness.mayBePlanned ? makePlan(context, current) : becomeReady(context, current);
    case 'staffing':
      return staff(context);
    case 'awaiting-approval':
      return approve(context, current);
    case 'approved':
      return schedule(context, current);
    case 'scheduled':
      return start(context, current);
    case 'running':
      return execute(context);
    case 'undoing':
      return undo(context, current);
    case 'completed':
    case 'undone':
    case 'failed':
    case 'rejected':
    case 'cancelled':
      return;
  }
};

const resumed = (context: PlanContext): Promise<void> =>
  condition(() => !context.plan.current.paused || isOver(context.plan.current) || isToContinue(context));

/** Leaves nothing open: the question is withdrawn, the reports are sent, the copy is up to date. */
const conclude = async ({ plan, belongsTo, stored }: PlanContext, reporting: Promise<void>): Promise<void> => {
  const { approval, tasks } = plan.current;
  if (approval?.status === 'open' || approval?.status === 'approved') {
    await stored.withdrawApproval({ id: approval.id, status: 'cancelled', at: Date.now() });
  }
  if (tasks.some(({ status }) => status === 'open')) {
    plan.apply(tasksCancelled(plan.current, now()), { action: 'tasks.cancelled' });
  }
  await plan.saved();
  await reporting;
  await stored.reportCompletion({ belongsTo });
  await plan.settled();
};
