import type { UpdateDefinition } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  defineSignal,
  defineUpdate,
  isCancellation,
  makeContinueAsNewFunc,
  setHandler,
} from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { OperationPlan, PlanOpening } from '../../domain/operation-plan.ts';
import * as ask from '../../domain/operation-plan/ask.rules.ts';
import { tasksCancelled } from '../../domain/operation-plan/progress.rules.ts';
import { deviated, end, isExecuting, isOver, open } from '../../domain/operation-plan/record.rules.ts';
import * as seat from '../../domain/operation-plan/seat.rules.ts';
import { quick, stored, workAs } from '../activities.ts';
import { approvalDecided } from '../approval.messages.ts';
import {
  type DeploymentBatch,
  deploymentsReported,
  type PlanCommand,
  planUpdates,
  readinessChanged,
} from '../operation-plan.messages.ts';
import { refusalOf } from '../refusal.ts';
import { type Carried, now, type Receipt, track, type Tracked } from '../track.ts';
import { approve, schedule, start } from './approve.ts';
import { becomeReady, look, makePlan } from './assess.ts';
import { execute } from './execute.ts';
import { staff } from './staff.ts';
import { chaseStatusReports, remindWhilePaused } from './reminders.ts';
import { fail, isToContinue, type PlanContext } from './context.ts';
import { undo } from './undo.ts';
import { knows } from '../versions.ts';

const update = <Type extends keyof typeof planUpdates>(type: Type): UpdateDefinition<Receipt, [PlanCommand<Type>]> =>
  defineUpdate(planUpdates[type]);

/**
 * Carries one operation plan from its trigger to its report: assess, plan, staff, approve, execute or undo, report.
 * A plan may live for weeks; it continues as new wherever nothing runs.
 */
export async function runOperationPlan(opening: PlanOpening, carried?: Carried<OperationPlan>): Promise<void> {
  workAs(opening.timing);
  const plan = track<OperationPlan>({
    initial: open(opening),
    opening: {
      by: evenkeel,
      at: now(),
      action: 'plan.opened',
      detail: { trigger: opening.trigger },
    },
    carried,
    subject: `plan/${opening.id}`,
    plan: opening.id,
    save: (record, entries, { runId, at }) => quick.savePlan(record, entries, runId, at),
    messagesPerRun: opening.timing.messagesPerRun,
    savesWhenIdle: opening.timing.savesWhenIdle ?? false,
    worksLocally: opening.timing.worksLocally ?? false,
  });
  const context: PlanContext = {
    plan,
    timing: opening.timing,
    heard: { approval: 0, readiness: 0 },
    looked: 0,
    children: 0,
    isReporting: false,
  };
  listen(plan, context);

  const reporting = chaseStatusReports(context).catch(unlessCancelled);
  remindWhilePaused(context).catch(unlessCancelled);
  while (!isOver(plan.current)) {
    if (isToContinue(context)) await continueAsNew(opening, context);
    if (plan.current.paused && !isExecuting(plan.current)) await resumed(context);
    else await nextPhase(context).catch((error: unknown) => endIfRefused(context, error));
  }
  await conclude(context, reporting);
}

/** What the domain refuses for good ends the plan with that reason; anything else is a fault of ours. */
const endIfRefused = (context: PlanContext, error: unknown): void => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  fail(context, 'failed', refusal);
};

const nextPhase = async (context: PlanContext): Promise<void> => {
  const { plan } = context;
  switch (plan.current.status) {
    case 'draft':
      return look(context, 'assessed');
    case 'assessed':
      return plan.current.readiness?.mayBePlanned ? makePlan(context) : becomeReady(context, 'assessed');
    case 'staffing':
      return staff(context);
    case 'awaiting-approval':
      return approve(context);
    case 'approved':
      return schedule(context);
    case 'scheduled':
      return start(context);
    case 'running':
      return execute(context);
    case 'undoing':
      return undo(context);
    case 'completed':
    case 'undone':
    case 'failed':
    case 'rejected':
    case 'cancelled':
      return;
  }
};

const listen = (plan: Tracked<OperationPlan>, context: PlanContext): void => {
  plan.accepts(update('pause'), 'plan.paused', ask.pause);
  plan.accepts(update('resume'), 'plan.resumed', ask.resume);
  plan.accepts(update('cancel'), 'plan.cancelled', ask.cancel);
  plan.accepts(update('reassess'), 'plan.reassessed', ask.reassess);
  plan.accepts(update('amend'), 'plan.amended', ask.amend, ask.refuseAmend);
  plan.accepts(update('retry'), 'activity.retried', ask.retry, ask.refuseRetry);
  plan.accepts(update('skip'), 'activity.skipped', ask.skip, ask.refuseSkip);
  plan.accepts(update('accept'), 'seat.accepted', seat.accept);
  plan.accepts(update('decline'), 'seat.declined', seat.decline);
  plan.accepts(update('assign'), 'seat.assigned', seat.assign);
  plan.accepts(update('report-status'), 'plan.status-reported', ask.reportStatus, ask.refuseReport);
  plan.accepts(update('complete-task'), 'task.closed', ask.completeTask);
  setHandler(defineSignal<[DeploymentBatch]>(deploymentsReported), ({ batchId, facts }) => {
    if (plan.hears(batchId)) for (const fact of facts) hearFact(plan, fact);
  });
  setHandler(defineSignal(approvalDecided), () => {
    plan.hears();
    context.heard.approval += 1;
  });
  setHandler(defineSignal(readinessChanged), () => {
    plan.hears();
    context.heard.readiness += 1;
  });
};

/** A machine's fact about the same deployment. A signal cannot be refused, so this never throws. */
const hearFact = (
  plan: Tracked<OperationPlan>,
  { change, artifact, source }: DeploymentBatch['facts'][number],
): void => {
  const detail = { change, artifact, source };
  // The rollback that has opened a plan is what the plan is for.
  const isItsOwn = (): boolean => plan.current.trigger.change === 'rolled-back' && knows('rollback-of-its-own');
  if (change !== 'rolled-back' || isOver(plan.current) || isItsOwn()) {
    plan.apply(plan.current, { action: 'plan.fact-heard', detail });
    return;
  }
  const reason = `${source} says that ${artifact} was rolled back`;
  if (isExecuting(plan.current))
    plan.apply(deviated(plan.current, reason), { action: 'plan.rollback-heard', reason, detail });
  else plan.apply(end(plan.current, 'cancelled', reason, now()), { action: 'plan.cancelled', reason, detail });
};

const resumed = (context: PlanContext): Promise<void> =>
  condition(() => !context.plan.current.paused || isOver(context.plan.current) || isToContinue(context));

const continueAsNew = async (opening: PlanOpening, context: PlanContext): Promise<never> => {
  const { plan } = context;
  do {
    await condition(() => allHandlersFinished() && !context.isReporting);
    await plan.saved();
    // The next run would send what was written meanwhile under the number of this one.
  } while (context.isReporting);
  return makeContinueAsNewFunc<typeof runOperationPlan>()(opening, plan.carry());
};

/** Leaves nothing open: the question is withdrawn, the reports are sent, the copy is up to date. */
const conclude = async (context: PlanContext, reporting: Promise<void>): Promise<void> => {
  const { plan, timing } = context;
  const { approval, tasks } = plan.current;
  if (approval?.status === 'open' || approval?.status === 'approved') {
    await stored.withdrawApproval({ id: approval.id, status: 'cancelled', at: Date.now() });
  }
  if (tasks.some(({ status }) => status === 'open')) {
    plan.apply(tasksCancelled(plan.current, now()), { action: 'tasks.cancelled' });
  }
  await plan.saved();
  if (timing.statusReportEveryMs !== undefined && knows('last-status-report')) await reporting;
  await stored.reportCompletion(plan.current);
  await condition(allHandlersFinished);
  await plan.saved();
};

const unlessCancelled = (error: unknown): void => {
  if (!isCancellation(error)) throw error;
};
