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
import * as rules from '../../domain/operation-plan.rules.ts';
import { cancelOpen } from '../../domain/task.rules.ts';
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
import { fail, isToContinue, type Story } from './story.ts';
import { undo } from './undo.ts';

const update = <Type extends keyof typeof planUpdates>(type: Type): UpdateDefinition<Receipt, [PlanCommand<Type>]> =>
  defineUpdate(planUpdates[type]);

/**
 * Carries one operation plan from its trigger to its report: assess, plan, staff, approve, execute or undo, report.
 * A plan may live for weeks; it continues as new wherever nothing runs.
 */
export async function runOperationPlan(opening: PlanOpening, carried?: Carried<OperationPlan>): Promise<void> {
  workAs(opening.timing);
  const plan = track<OperationPlan>({
    initial: rules.open(opening),
    opening: {
      by: evenkeel,
      at: now(),
      action: 'plan.opened',
      detail: { trigger: opening.trigger },
    },
    carried,
    subject: `plan/${opening.id}`,
    plan: opening.id,
    save: (...state) => quick.savePlan(...state),
    messagesPerRun: opening.timing.messagesPerRun,
    savesWhenIdle: opening.timing.savesWhenIdle ?? false,
    worksLocally: opening.timing.worksLocally ?? false,
  });
  const story: Story = { plan, timing: opening.timing, heard: { approval: 0, readiness: 0 }, looked: 0, children: 0 };
  listen(plan, story);

  chaseStatusReports(story).catch(unlessCancelled);
  remindWhilePaused(story).catch(unlessCancelled);
  while (!rules.isOver(plan.current)) {
    if (isToContinue(story)) await continueAsNew(opening, plan);
    if (plan.current.paused && !rules.isExecuting(plan.current)) await resumed(story);
    else await nextPhase(story).catch((error: unknown) => endIfRefused(story, error));
  }
  await conclude(story);
}

/** What the domain refuses for good ends the plan with that reason; anything else is a fault of ours. */
const endIfRefused = (story: Story, error: unknown): void => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  fail(story, 'failed', refusal);
};

const nextPhase = async (story: Story): Promise<void> => {
  const { plan } = story;
  switch (plan.current.status) {
    case 'draft':
      return look(story, 'assessed');
    case 'assessed':
      return plan.current.readiness?.mayBePlanned ? makePlan(story) : becomeReady(story, 'assessed');
    case 'staffing':
      return staff(story);
    case 'awaiting-approval':
      return approve(story);
    case 'approved':
      return schedule(story);
    case 'scheduled':
      return start(story);
    case 'running':
      return execute(story);
    case 'undoing':
      return undo(story);
    case 'completed':
    case 'undone':
    case 'failed':
    case 'rejected':
    case 'cancelled':
      return;
  }
};

const listen = (plan: Tracked<OperationPlan>, story: Story): void => {
  plan.accepts(update('pause'), 'plan.paused', rules.pause);
  plan.accepts(update('resume'), 'plan.resumed', rules.resume);
  plan.accepts(update('cancel'), 'plan.cancelled', rules.cancel);
  plan.accepts(update('reassess'), 'plan.reassessed', rules.reassess);
  plan.accepts(update('amend'), 'plan.amended', rules.amend);
  plan.accepts(update('retry'), 'activity.retried', rules.retry);
  plan.accepts(update('skip'), 'activity.skipped', rules.skip);
  plan.accepts(update('accept'), 'seat.accepted', rules.accept);
  plan.accepts(update('decline'), 'seat.declined', rules.decline);
  plan.accepts(update('assign'), 'seat.assigned', rules.assign);
  plan.accepts(update('report-status'), 'plan.status-reported', rules.reportStatus);
  plan.accepts(update('complete-task'), 'task.closed', rules.completeTask);
  setHandler(defineSignal<[DeploymentBatch]>(deploymentsReported), ({ batchId, facts }) => {
    if (plan.hears(batchId)) for (const fact of facts) hearFact(plan, fact);
  });
  setHandler(defineSignal(approvalDecided), () => {
    plan.hears();
    story.heard.approval += 1;
  });
  setHandler(defineSignal(readinessChanged), () => {
    plan.hears();
    story.heard.readiness += 1;
  });
};

/** A machine's fact about the same deployment. A signal cannot be refused, so this never throws. */
const hearFact = (
  plan: Tracked<OperationPlan>,
  { change, artifact, source }: DeploymentBatch['facts'][number],
): void => {
  const detail = { change, artifact, source };
  if (change !== 'rolled-back' || rules.isOver(plan.current)) {
    plan.apply(plan.current, { action: 'plan.fact-heard', detail });
    return;
  }
  const reason = `${source} says that ${artifact} was rolled back`;
  if (rules.isExecuting(plan.current))
    plan.apply(rules.deviated(plan.current, reason), { action: 'plan.rollback-heard', reason, detail });
  else plan.apply(rules.end(plan.current, 'cancelled', reason, now()), { action: 'plan.cancelled', reason, detail });
};

const resumed = ({ plan, children }: Story): Promise<void> =>
  condition(() => !plan.current.paused || rules.isOver(plan.current) || (children === 0 && plan.mustContinue));

const continueAsNew = async (opening: PlanOpening, plan: Tracked<OperationPlan>): Promise<never> => {
  await condition(allHandlersFinished);
  await plan.saved();
  return makeContinueAsNewFunc<typeof runOperationPlan>()(opening, plan.carry());
};

/** Leaves nothing open: the question is withdrawn, the report is sent, the copy is up to date. */
const conclude = async (story: Story): Promise<void> => {
  const { plan } = story;
  const { approval, tasks } = plan.current;
  if (approval?.status === 'open' || approval?.status === 'approved') {
    await stored.withdrawApproval({ id: approval.id, status: 'cancelled', at: Date.now() });
  }
  if (tasks.some(({ status }) => status === 'open')) {
    plan.apply({ ...plan.current, tasks: cancelOpen(tasks, now()) }, { action: 'tasks.cancelled' });
  }
  await plan.saved();
  await stored.reportCompletion(plan.current);
  await condition(allHandlersFinished);
  await plan.saved();
};

const unlessCancelled = (error: unknown): void => {
  if (!isCancellation(error)) throw error;
};
