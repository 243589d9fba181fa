import type { PlanId } from '../../domain/id.ts';
import { DomainError } from '../../domain/errors.ts';
import { taskedIn } from '../../domain/assignee.ts';
import { planIdIn, planReference, planWorkflowIdOf } from '../../domain/identifiers.ts';
import { ownedBy } from '../../domain/owner.ts';
import { executorsOf } from '../../domain/operation-plan/executors.ts';
import { stepIn, stepToRun } from '../../domain/operation-plan/step-authorization.ts';
import { stepDigestOf, hasBegun } from '../../domain/run-authorization.ts';
import { documentAt } from '../../domain/circumstances.ts';
import type { PlanContent } from '../../domain/operation-plan/content.ts';
import type { ActivityPorts } from '../ports.ts';
import type { RecordKind } from '../record-kind.ts';
import { breakOff } from './break-off.ts';
import { planBrief } from './brief.ts';
import { circumstancesOf, knownPlan } from './circumstances.ts';
import { openForDeviation } from './deviation.ts';
import { holdOf } from './hold.ts';
import { joinedTo } from './joined.ts';
import { planNotice } from './notice.ts';
import { planReport } from './report.ts';

type Ports = Pick<
  ActivityPorts,
  | 'catalogue'
  | 'plans'
  | 'incidents'
  | 'runs'
  | 'approvals'
  | 'readiness'
  | 'outbox'
  | 'commands'
  | 'freezes'
  | 'clock'
  | 'publicUrl'
>;

/** How soon a step is tried again whose workflow does not know that its plan is paused. */
const pausedAgainMs = 60_000;

/** What an operation plan answers to what hangs on it. */
export const createPlanKind = (ports: Ports): RecordKind => {
  const { catalogue, plans, approvals, commands, outbox } = ports;

  /** The policy with the stages of those that are asked as well; what a budget asks for may be newer than the plan. */
  const policyOf = async (approval: Extract<PlanContent['approval'], { policy: string }>, revision: number) => {
    const policy = await documentAt(catalogue, 'ApprovalPolicy', approval.policy, revision);
    const newest = await catalogue.revision();
    const also = await Promise.all(
      (approval.also ?? []).map((name) => documentAt(catalogue, 'ApprovalPolicy', name, newest)),
    );
    return { ...policy, stages: [policy, ...also].flatMap(({ stages }) => stages) };
  };

  const planned = async (id: PlanId, revision: number) => {
    const found = await plans.content(id, revision);
    if (!found) throw new DomainError('not-found', `there is no plan ${id} with revision ${revision}`);
    return found;
  };

  return {
    workflowIdOf: planWorkflowIdOf,

    async titleOf(id: PlanId) {
      const { service, environment } = (await knownPlan(plans, id)).commission;
      return `${service} in ${environment}`;
    },

    factsOf: () => Promise.resolve([]),

    audienceOf: () => Promise.resolve(undefined),

    async runbookOf(id: PlanId, { revision, activity, purpose }) {
      const { content } = await planned(id, revision);
      const found = content.activities.find(({ name }) => name === activity);
      return purpose === 'run' ? found?.runbook : found?.undo;
    },

    async stepOf(id: PlanId, place) {
      const { content, digest } = await planned(id, place.revision);
      const { commission } = await knownPlan(plans, id);
      const circumstances = await circumstancesOf(catalogue, id, commission);
      return { step: stepIn(content, place), circumstances, digest: stepDigestOf(digest, place) };
    },

    async authorize(reference, direction, run) {
      const { activity, step, round, workflowId, revision } = reference;
      const id = planIdIn(reference.belongsTo);
      const plan = await knownPlan(plans, id);
      const { content, digest } = await planned(id, revision);
      const isForth = direction === 'forth';
      const stop = isForth && run.kind === 'run' ? await commands.stopOf(plan.workflowId) : undefined;
      const effects = isForth ? await outbox.of(reference.belongsTo) : [];
      // Its workflow may have lost what it had accepted, by a reset.
      if (stop === 'cancel' && !hasBegun(reference, effects))
        throw new DomainError('conflict', `plan ${id} was cancelled`);
      const authorized = stepToRun(reference, direction, {
        content,
        digest,
        record: plan.record,
        start: await plans.startOfRuns(id),
        run,
        consumed: (await approvals.of(reference.belongsTo)).filter(({ status }) => status === 'consumed'),
        // Nobody has to order the first of a kind, so nobody is asked.
        retriesOfActivity: run.number === 1 ? 0 : await commands.retriesOrdered(plan.workflowId, activity),
        retriesOfStep: round === 1 ? 0 : await commands.retriesOrdered(workflowId, step),
        effects,
        skipped: isForth ? await commands.skipped(reference.belongsTo, plan.workflowId) : [],
      });
      const circumstances = await circumstancesOf(catalogue, id, plan.commission);
      const found = { step: authorized, circumstances, digest: stepDigestOf(digest, reference) };
      // What undoes goes on, whatever is closed or frozen.
      if (direction === 'back' || run.kind === 'undo') return found;
      return {
        ...found,
        // What has begun is finished: whether it was done is not known otherwise.
        holdNow: async (attempt) => {
          if (hasBegun(reference, effects) && attempt === 1) return undefined;
          if (stop === 'pause' && attempt === 1)
            return { why: 'the plan is paused', until: reference.at + pausedAgainMs };
          return holdOf(ports, content, ports.clock(reference.at));
        },
      };
    },

    async questionOf(id: PlanId, revision) {
      const { content, digest } = await planned(id, revision);
      if (!('policy' in content.approval)) throw new DomainError('invalid', `plan ${id} needs no approval`);
      const { service, environment, about, catalogueRevision, team } = content;
      const { trigger } = (await knownPlan(plans, id)).commission;
      return {
        digest,
        question: `Start the operation plan for ${service} in ${environment} (${about})?`,
        policy: ownedBy(await policyOf(content.approval, catalogueRevision), { team, trigger }),
      };
    },

    async concernedBy(id: PlanId, revision) {
      const { content } = await planned(id, revision);
      const plan = await knownPlan(plans, id);
      const { commission, workflowId } = plan;
      return {
        team: content.team,
        requester: commission.trigger.requester,
        triggeredBy: [...(commission.trigger.triggeredBy ?? []), ...(await plans.toldBy(planReference(id)))],
        editors: await commands.editorsOf(workflowId),
        executors: [...new Set([...(await executorsOf(commands, id, plan)), ...taskedIn(content.activities)])],
      };
    },

    joinedTo: async (id: PlanId) => joinedTo(ports, id, await knownPlan(plans, id)),

    async heardOfRun(id: PlanId, entries) {
      const { record } = await knownPlan(plans, id);
      if (record) await openForDeviation(ports, record, entries);
    },

    briefOf: (id: PlanId, digest) => planBrief(ports, id, digest),
    noticeOf: (id: PlanId, said) => planNotice(ports, id, said),
    reportOf: (id: PlanId, ask) => planReport(ports, id, ask),
    breakOff: (id: PlanId, status) => breakOff(ports, id, status),
  };
};
