import type { Command, OperationPlan, PlanAsk } from '../../domain/operation-plan.ts';
import * as ask from '../../domain/operation-plan/ask.rules.ts';
import { type Outdated, outdated, planOutdated } from '../../domain/operation-plan/outdated.rules.ts';
import { deviated, end, isExecuting, isOver } from '../../domain/operation-plan/record.rules.ts';
import * as seat from '../../domain/operation-plan/seat.rules.ts';
import { type DeploymentBatch, deploymentsReported, planUpdates } from '../operation-plan.messages.ts';
import { now } from '../time.ts';
import { isObject } from '../../domain/object.rules.ts';
import type { Answers, Tracked } from '../track/index.ts';

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
  reassign: ['seat.reassigned', seat.reassign],
  'report-status': ['plan.status-reported', ask.reportStatus],
  'complete-task': ['task.closed', ask.completeTask],
  'reassign-task': ['task.reassigned', ask.reassignTask],
};

/** Takes commands and facts for the plan; `failures` counts those that say that its deployment failed. */
export const listen = (plan: Tracked<OperationPlan>): { failures: () => number } => {
  let failures = 0;
  plan.accepts<Command<PlanAsk>>(planUpdates, answers);
  plan.hears<DeploymentBatch>(deploymentsReported, {
    reads: isDeploymentBatch,
    handle({ facts }) {
      for (const fact of facts) if (hearFact(plan, fact)) failures += 1;
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

/** A machine's fact about the same deployment. A signal cannot be refused, so this never throws. True: it says that the deployment failed. */
const hearFact = (
  plan: Tracked<OperationPlan>,
  { change, artifact, source }: DeploymentBatch['facts'][number],
): boolean => {
  const detail = { change, artifact, source };
  // The rollback that has opened a plan is what the plan is for.
  const isItsOwn = plan.current.trigger.type === 'rollback';
  if (change === 'failed' && !isOver(plan.current) && plan.current.status !== 'undoing') {
    const reason = `${source} says that the deployment of ${artifact} failed`;
    const held = { ...deviated(plan.current, reason), paused: true, pausedAt: now() };
    plan.apply(held, { action: 'plan.failure-heard', reason, detail });
    return true;
  }
  if (change !== 'rolled-back' || isOver(plan.current) || isItsOwn) {
    plan.apply(plan.current, { action: 'plan.fact-heard', detail });
    return false;
  }
  const reason = `${source} says that ${artifact} was rolled back`;
  if (isExecuting(plan.current))
    plan.apply(deviated(plan.current, reason), { action: 'plan.rollback-heard', reason, detail });
  else plan.apply(end(plan.current, 'cancelled', reason, now()), { action: 'plan.cancelled', reason, detail });
  return false;
};
