import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { artifactKeyOf, planIdOf, planWorkflowIdOf, triggerKeyOf } from '../domain/identifiers.ts';
import { milliseconds } from '../domain/duration.ts';
import type { Delivered, InboxRow } from '../domain/inbox.ts';
import type { PlanInput, PlanTiming } from '../domain/operation-plan.ts';
import type { PlanTemplateSpec } from '../domain/plan-template.ts';
import type { DeploymentFact } from '../domain/trigger.ts';
import { evidenceOf, judge, opensPlans, type Outcome } from '../domain/trigger/outcome.ts';
import type { CatalogueStorage } from '../storage/catalogue.ts';
import type { InboxStore } from '../storage/inbox.ts';
import type { Opened, OpenPlan, PlanStorage } from '../storage/operation-plan.ts';
import { deploymentsReported, planWorkflowType } from '../workflows/operation-plan.messages.ts';
import { type Place, placeOf } from './place.ts';

export interface FactPorts {
  client: Client;
  inbox: InboxStore;
  catalogue: CatalogueStorage;
  plans: PlanStorage;
  taskQueue: string;
  /** Messages after which a plan continues as new. */
  messagesPerRun: number;
}

const deadlineMs = 5_000;

/** Takes the facts of one body to their plans: opens a plan, attaches to an open one, or says what is missing. */
export async function deliverFact(row: InboxRow, ports: FactPorts): Promise<Delivered> {
  const facts = 'facts' in row.content ? row.content.facts : [];
  const outcomes: Outcome[] = [];
  for (const fact of facts) outcomes.push(await takeToPlan(row, fact, ports));
  return judge(outcomes);
}

const takeToPlan = async (row: InboxRow, fact: DeploymentFact, ports: FactPorts): Promise<Outcome> => {
  const revision = await ports.catalogue.revision();
  const at = await placeOf(row, fact, revision, ports.catalogue);
  if ('gap' in at) return at;
  const { service, environment } = at;
  if (!opensPlans(fact.change)) return tellOpenPlan(row, fact, at, ports);
  const triggerKey = triggerKeyOf(
    row.source,
    fact.change === 'deployed' ? fact.factKey : `${fact.factKey}\nrolled-back`,
  );
  const id = planIdOf(service, environment, triggerKey);
  const workflowId = planWorkflowIdOf(id);
  if (fact.change === 'rolled-back' && !(await ports.plans.find(id))) {
    // What was being deployed is gone: its plan has to know. Without one, the rollback is a plan of its own.
    const told = await tellOfRollback(row, fact, { at, triggerKey }, ports);
    if ('plan' in told) return told;
  }
  const spec = (await ports.catalogue.find('Service', service, revision))!;
  const template = fact.change === 'deployed' ? spec.plans.deployment : spec.plans.rollback;
  if (template === undefined) {
    const known = await ports.plans.find(id);
    if (!known)
      return {
        gap: `service ${service} names no plan for ${fact.change === 'deployed' ? 'a deployment' : 'a rollback'}`,
      };
    // A plan that was recorded before is started all the same: see below.
    if (known.record?.endedAt !== undefined) return { plan: id };
    return outcomeOf(id, await start(await openingOf(known, row, ports), row, fact, ports));
  }
  const requester = row.actor.name;
  const trigger = {
    key: triggerKey,
    change: fact.change,
    artifact: fact.artifact,
    source: row.source,
    requester,
    ...(fact.link === undefined ? {} : { link: fact.link }),
    ...(fact.note === undefined ? {} : { note: fact.note }),
  };
  const commission = { service, environment, template, catalogueRevision: revision, trigger };
  const opened = await ports.plans.open({
    id,
    workflowId,
    triggerKey,
    service,
    environment,
    team: spec.owner,
    artifact: artifactKeyOf(fact.artifact),
    commission,
    entry: {
      key: `plan/${id}/accepted`,
      at: row.receivedAt,
      actor: row.actor,
      action: 'plan.accepted',
      subject: `plan/${id}`,
      plan: id,
      detail: { inbox: row.id, bodyHash: row.bodyHash, trigger },
    },
  });
  const place = opened.commission;
  if (place.service !== service || place.environment !== environment)
    return {
      gap: `this occurrence is of ${place.service} in ${place.environment}, in plan ${opened.id}: another place needs an occurrence of its own`,
    };
  const before = place.trigger.artifact;
  if (opened.how === 'known' && artifactKeyOf(before) !== artifactKeyOf(fact.artifact))
    return { gap: `this occurrence is of ${before}, in plan ${id}: another artifact needs an occurrence of its own` };
  if (opened.isOver) return { plan: opened.id };
  // A plan that is there was perhaps never started: whoever recorded it may have died before.
  const isStarted = await start(await openingOf(opened, row, ports), row, fact, ports);
  return outcomeOf(opened.id, isStarted);
};

const outcomeOf = (plan: string, isStarted: boolean): Outcome =>
  isStarted
    ? { plan }
    : {
        gap: `plan ${plan} is open for it, but its workflow has ended: deliver it again once the plan has failed, within ten minutes`,
      };

/** Built from what was recorded: the catalogue may have changed since. */
const openingOf = async (
  { id, workflowId, team, commission }: Omit<Opened, 'how' | 'isOver'>,
  { receivedAt: at }: InboxRow,
  { catalogue, messagesPerRun }: FactPorts,
): Promise<PlanInput> => {
  const template = await catalogue.find('PlanTemplate', commission.template, commission.catalogueRevision);
  return { ...commission, id, workflowId, team, at, timing: timingOf(template!, messagesPerRun) };
};

/** The open plan for the place hears of it, if there is one. */
const tellOpenPlan = async (
  row: InboxRow,
  fact: DeploymentFact,
  { service, environment }: Place,
  ports: FactPorts,
  triggerKey?: string,
): Promise<Outcome> => {
  const isOfUse = ({ change }: OpenPlan): boolean => fact.change !== 'rolled-back' || change !== 'rolled-back';
  const open = (await ports.plans.openFor(service, environment)).find(isOfUse);
  if (!open) return evidenceOf(fact.change);
  if (triggerKey !== undefined) await ports.plans.noteTold(triggerKey, open.id);
  if (await signal(open.workflowId, row, fact, ports)) return { plan: open.id };
  // Recorded, and not started yet: it hears this first, and then of what has opened it.
  const found = await ports.plans.find(open.id);
  const isUnbegun = found?.record === null && (await start(await openingOf(found, row, ports), row, fact, ports));
  return isUnbegun ? { plan: open.id } : evidenceOf(fact.change);
};

/**
 * A rollback belongs to the plan that was told of it first, however often it is told and whatever is open by then. That is
 * written down before the plan hears: whoever tells it may die in between.
 */
const tellOfRollback = async (
  row: InboxRow,
  fact: DeploymentFact,
  { at, triggerKey }: { at: Place; triggerKey: string },
  ports: FactPorts,
): Promise<Outcome> => {
  const before = await ports.plans.toldOf(triggerKey);
  if (before !== undefined) {
    await signal(planWorkflowIdOf(before), row, fact, ports);
    return { plan: before };
  }
  return tellOpenPlan(row, fact, at, ports, triggerKey);
};

const batchOf = (row: InboxRow, { change, artifact }: DeploymentFact) => ({
  batchId: `${row.id}/${change}`,
  facts: [{ change, artifact, source: row.source }],
});

const signal = async (
  workflowId: string,
  row: InboxRow,
  fact: DeploymentFact,
  { client }: FactPorts,
): Promise<boolean> => {
  try {
    await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.getHandle(workflowId).signal(deploymentsReported, batchOf(row, fact)),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
};

/** The workflow of the plan hears the fact, started with it if it was not; false when it has ended. */
const start = async (
  opening: PlanInput,
  row: InboxRow,
  fact: DeploymentFact,
  { client, taskQueue, plans }: FactPorts,
): Promise<boolean> => {
  try {
    const { signaledRunId } = await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.signalWithStart(planWorkflowType, {
        workflowId: opening.workflowId,
        taskQueue,
        args: [opening],
        signal: deploymentsReported,
        signalArgs: [batchOf(row, fact)],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `${opening.service} in ${opening.environment}: ${fact.artifact}`.slice(0, 180),
      }),
    );
    await plans.noteRun(opening.workflowId, signaledRunId, opening.id);
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
};

const reassessEveryMs = 15 * 60_000;

const timingOf = (template: PlanTemplateSpec, messagesPerRun: number): PlanTiming => ({
  readyWithinMs: milliseconds(template.readyWithin),
  reassessEveryMs,
  confirmWithinMs: milliseconds(template.confirmWithin),
  staffWithinMs: milliseconds(template.staffWithin),
  decideWithinMs: milliseconds(template.decideWithin),
  reserveWithinMs: milliseconds(template.reserveWithin),
  ...(template.statusReportEvery === undefined
    ? {}
    : { statusReportEveryMs: milliseconds(template.statusReportEvery) }),
  messagesPerRun,
});
