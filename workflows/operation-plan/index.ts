import { condition, continueAsNew, isCancellation } from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { Command, OperationPlan, PlanAsk, PlanInput } from '../../domain/operation-plan.ts';
import * as ask from '../../domain/operation-plan/ask.rules.ts';
import { tasksCancelled } from '../../domain/operation-plan/progress.rules.ts';
import { type Outdated, outdated, planOutdated } from '../../domain/operation-plan/outdated.rules.ts';
import { deviated, end, isExecuting, isOver, open } from '../../domain/operation-plan/record.rules.ts';
import * as seat from '../../domain/operation-plan/seat.rules.ts';
import { createStored, createTurns } from '../activities.ts';
import { holdLifted } from '../hold.messages.ts';
import { approvalDecided } from '../approval.messages.ts';
import {
  type DeploymentBatch,
  deploymentsReported,
  planUpdates,
  readinessChanged,
} from '../operation-plan.messages.ts';
import { refusalOf } from '../refusal.ts';
import { now } from '../time.ts';
import { type Answers, type Carried, isObject, track, type Tracked } from '../track/index.ts';
import { approve } from './approve.ts';
import { becomeReady, look, makePlan } from './assess.ts';
import { execute } from './execute.ts';
import { schedule, start } from './start.ts';
import { staff } from './staff.ts';
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
  };

  await plan.unlessRefused(carryOut(context));
}

const carryOut = async (context: PlanContext): Promise<void> => {
  const { plan } = context;
  const reporting = chaseStatusReports(context).catch(unlessCancelled);
  remindWhilePaused(context).catch(unlessCancelled);
  while (!isOver(plan.current)) {
    // The next run would send what is being reported now under the number of this one.
    if (isToContinue(context)) await plan.continueAsNew(() => !context.isReporting);
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

const answers: Answers<OperationPlan, Command<PlanAsk>> = {
  pause: ['plan.paused', ask.pause],
  resume: ['plan.resumed', ask.resume],
  cancel: ['plan.cancelled', ask.cancel],
  reassess: ['plan.reassessed', ask.reassess],
  amend: ['plan.amended', ask.amend],
  retry: ['activity.retried', ask.retry],
  skip: ['activity.skipped', ask.skip],
  accept: ['seat.accepted', seat.accept],
  decline: ['seat.declined', seat.decline],
  assign: ['seat.assigned', seat.assign],
  'report-status': ['plan.status-reported', ask.reportStatus],
  'complete-task': ['task.closed', ask.completeTask],
};

const listen = (plan: Tracked<OperationPlan>): { failures: () => number } => {
  let failures = 0;
  plan.accepts<Command<PlanAsk>>(planUpdates, answers);
  plan.hears<DeploymentBatch>(deploymentsReported, {
    reads: isDeploymentBatch,
    handle({ facts }) {
      for (const fact of facts) failures += Number(hearFact(plan, fact) === 'failed');
    },
    batchOf: ({ batchId }) => batchId,
  });
  plan.hears<Outdated>(planOutdated, {
    reads: isOutdated,
    handle: (news) => plan.apply(outdated(plan.current, news, now()), { action: 'plan.outdated', detail: { ...news } }),
    batchOf: ({ by }) => `outdated-${by}`,
  });
  return { failures: () => failures };
};

const isOutdated = (news: unknown): news is Outdated =>
  isObject(news) &&
  typeof news['by'] === 'string' &&
  typeof news['artifact'] === 'string' &&
  typeof news['supersede'] === 'boolean';

const isDeploymentBatch = (news: unknown): news is DeploymentBatch =>
  isObject(news) &&
  typeof news['batchId'] === 'string' &&
  Array.isArray(news['facts']) &&
  news['facts'].every(
    (fact) => isObject(fact) && ['change', 'artifact', 'source'].every((field) => typeof fact[field] === 'string'),
  );

/** A machine's fact about the same deployment. A signal cannot be refused, so this never throws. */
const hearFact = (
  plan: Tracked<OperationPlan>,
  { change, artifact, source }: DeploymentBatch['facts'][number],
): 'failed' | undefined => {
  const detail = { change, artifact, source };
  // The rollback that has opened a plan is what the plan is for.
  const isItsOwn = plan.current.trigger.change === 'rolled-back';
  if (change === 'failed' && !isOver(plan.current) && plan.current.status !== 'undoing') {
    const reason = `${source} says that the deployment of ${artifact} failed`;
    const held = { ...deviated(plan.current, reason), paused: true, pausedAt: now() };
    plan.apply(held, { action: 'plan.failure-heard', reason, detail });
    return 'failed';
  }
  if (change !== 'rolled-back' || isOver(plan.current) || isItsOwn) {
    plan.apply(plan.current, { action: 'plan.fact-heard', detail });
    return undefined;
  }
  const reason = `${source} says that ${artifact} was rolled back`;
  if (isExecuting(plan.current))
    plan.apply(deviated(plan.current, reason), { action: 'plan.rollback-heard', reason, detail });
  else plan.apply(end(plan.current, 'cancelled', reason, now()), { action: 'plan.cancelled', reason, detail });
  return undefined;
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

const unlessCancelled = (error: unknown): void => {
  if (!isCancellation(error)) throw error;
};
