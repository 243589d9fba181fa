import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { milliseconds } from '../domain/duration.ts';
import { planIdOf, planReference, planWorkflowIdOf } from '../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../domain/inbox.ts';
import type { PlanInput, PlanTiming } from '../domain/operation-plan.ts';
import type { PlanTemplateSpec } from '../domain/plan-template.ts';
import type { DeploymentFact } from '../domain/trigger.ts';
import { decide, evidenceOf, judge, type Known, type Outcome, type Place } from '../domain/trigger/decision.ts';
import { artifactKeyOf, triggerKeyOf } from '../domain/trigger/key.ts';
import type { CatalogueStorage } from '../storage/catalogue.ts';
import type { Opened, PlanRow, PlanStorage } from '../storage/operation-plan.ts';
import type { RecordStore } from '../storage/record.ts';
import { deploymentsReported, planWorkflowType } from '../workflows/operation-plan.messages.ts';
import { placeOf } from './place.ts';

export interface DeploymentPorts {
  client: Client;
  catalogue: CatalogueStorage;
  plans: PlanStorage;
  records: Pick<RecordStore, 'noteRun'>;
  taskQueue: string;
  /** Messages after which a plan continues as new. */
  messagesPerRun: number;
}

/** One fact of a row, with the key of its occurrence and the revision of the catalogue that it is looked up in. */
interface Telling {
  row: InboxRow;
  fact: DeploymentFact;
  triggerKey: string;
  revision: number;
}

const deadlineMs = 5_000;

/** Takes the deployment facts of one body to their plans, one after the other. */
export async function deliverDeployments(
  row: InboxRow,
  facts: readonly DeploymentFact[],
  ports: DeploymentPorts,
): Promise<Delivered> {
  const outcomes: Outcome[] = [];
  for (const fact of facts) outcomes.push(await deliverDeployment(row, fact, ports));
  return judge(outcomes);
}

const deliverDeployment = async (row: InboxRow, fact: DeploymentFact, ports: DeploymentPorts): Promise<Outcome> => {
  const revision = await ports.catalogue.revision();
  const { change, factKey } = fact;
  const triggerKey = triggerKeyOf(row.source, change === 'rolled-back' ? `${factKey}\nrolled-back` : factKey);
  const telling: Telling = { row, fact, triggerKey, revision };
  return lead(await lookUp(telling, ports), telling, ports);
};

/** Takes the fact to where the decision says. What an open plan could not hear any more is decided on without that plan. */
const lead = async (known: Known, telling: Telling, ports: DeploymentPorts): Promise<Outcome> => {
  const decision = decide(known);
  switch (decision.to) {
    case 'gap':
      return { gap: decision.gap };
    case 'evidence':
      return evidenceOf(known.change);
    case 'known':
      return decision.isOver ? reached(decision.plan) : startKnown(decision.plan, telling, ports);
    case 'open':
      return openPlan(decision.place, telling, ports);
    case 'attach': {
      const { plan } = decision;
      if (await attach(plan, telling, ports)) return reached(plan);
      // A rollback stays with the plan that was told of it first, though that is over by now.
      if (plan === known.told) return reached(plan);
      return lead({ ...known, open: known.open.filter(({ id }) => id !== plan) }, telling, ports);
    }
  }
};

/** What the decision has to know. A deployment finds its plan when it opens it; the others have to know it before. */
const lookUp = async ({ row, fact, triggerKey, revision }: Telling, ports: DeploymentPorts): Promise<Known> => {
  const { catalogue, plans } = ports;
  const { change } = fact;
  const place = await placeOf(row, fact, revision, catalogue);
  if ('gap' in place) return { change, place, open: [] };
  const { service, environment, template } = place;
  const isToBeKnown = change === 'rolled-back' || (change === 'deployed' && template === undefined);
  const found = isToBeKnown ? await plans.find(planIdOf(service, environment, triggerKey)) : undefined;
  return {
    change,
    place,
    known: found && { plan: found.id, isOver: found.closedAt !== null },
    told: change === 'rolled-back' && !found ? await plans.toldOf(triggerKey) : undefined,
    open: change === 'deployed' ? [] : await plans.openFor(service, environment),
  };
};

const reached = (plan: string): Outcome => ({ record: planReference(plan) });

/**
 * Whether an open plan heard of the fact. That a rollback is told to it is written down first: whoever tells it may die in
 * between.
 */
const attach = async (id: string, { row, fact, triggerKey }: Telling, ports: DeploymentPorts): Promise<boolean> => {
  if (fact.change === 'rolled-back') await ports.plans.noteTold(triggerKey, id);
  const tell = (): Promise<boolean> => signal(planWorkflowIdOf(id), row, fact, ports.client);
  if (await tell()) return true;
  const found = await ports.plans.find(id);
  // Recorded, and not started yet: whoever recorded it may have died before.
  return found?.record === null && (await start(await inputOf(found, row, ports), ports)) && (await tell());
};

const startKnown = async (id: string, { row }: Telling, ports: DeploymentPorts): Promise<Outcome> => {
  const known = (await ports.plans.find(id))!;
  return begun(id, await start(await inputOf(known, row, ports), ports));
};

/** Opens the plan, unless one is open for the same artifact in the same place: that one hears of it. */
const openPlan = async (
  { service, environment, owner, template }: Place & { template: string },
  telling: Telling,
  ports: DeploymentPorts,
): Promise<Outcome> => {
  const { row, fact, triggerKey, revision } = telling;
  const id = planIdOf(service, environment, triggerKey);
  const trigger = {
    key: triggerKey,
    change: fact.change,
    artifact: fact.artifact,
    source: row.source,
    requester: row.actor.name,
    ...(fact.link === undefined ? {} : { link: fact.link }),
    ...(fact.note === undefined ? {} : { note: fact.note }),
  };
  const belongsTo = planReference(id);
  const opened = await ports.plans.open({
    id,
    workflowId: planWorkflowIdOf(id),
    triggerKey,
    service,
    environment,
    team: owner,
    artifact: artifactKeyOf(fact.artifact),
    commission: { service, environment, template, catalogueRevision: revision, trigger },
    entry: {
      key: `${belongsTo}/accepted`,
      at: row.receivedAt,
      actor: row.actor,
      action: 'plan.accepted',
      subject: belongsTo,
      belongsTo,
      detail: { inbox: row.id, bodyHash: row.bodyHash, trigger },
    },
  });
  const gap = mismatchOf(opened, { service, environment, artifact: fact.artifact });
  if (gap !== undefined) return { gap };
  if (opened.isOver) return reached(opened.id);
  if (opened.how === 'attached') return begun(opened.id, await attach(opened.id, telling, ports));
  // A plan that is known was perhaps never started: whoever recorded it may have died before.
  return begun(opened.id, await start(await inputOf(opened, row, ports), ports));
};

/** What a plan was opened for does not change with what is told of it later. */
const mismatchOf = (
  { id, how, commission }: Opened,
  { service, environment, artifact }: { service: string; environment: string; artifact: string },
): string | undefined => {
  if (commission.service !== service || commission.environment !== environment)
    return `this occurrence is of ${commission.service} in ${commission.environment}, in plan ${id}: another place needs an occurrence of its own`;
  const before = commission.trigger.artifact;
  return how === 'known' && artifactKeyOf(before) !== artifactKeyOf(artifact)
    ? `this occurrence is of ${before}, in plan ${id}: another artifact needs an occurrence of its own`
    : undefined;
};

const begun = (id: string, isRunning: boolean): Outcome =>
  isRunning
    ? reached(id)
    : {
        gap: `plan ${id} is open for it, but its workflow has ended: deliver it again once the plan has failed, within ten minutes`,
      };

/** Built from what was recorded: the catalogue may have changed since. */
const inputOf = async (
  { id, workflowId, team, commission }: Pick<PlanRow, 'id' | 'workflowId' | 'team' | 'commission'>,
  { receivedAt: at }: InboxRow,
  { catalogue, messagesPerRun }: DeploymentPorts,
): Promise<PlanInput> => {
  const template = await catalogue.find('PlanTemplate', commission.template, commission.catalogueRevision);
  return { ...commission, id, workflowId, team, at, timing: timingOf(template!, messagesPerRun) };
};

/** Tells the workflow of a plan; false when there is none, or it has ended. */
const signal = async (workflowId: string, row: InboxRow, fact: DeploymentFact, client: Client): Promise<boolean> => {
  const { change, artifact } = fact;
  const batch = { batchId: `${row.id}/${change}`, facts: [{ change, artifact, source: row.source }] };
  try {
    await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.getHandle(workflowId).signal(deploymentsReported, batch),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
};

/** Starts the workflow of a plan, or finds it running; false when it has ended. */
const start = async (input: PlanInput, { client, taskQueue, records }: DeploymentPorts): Promise<boolean> => {
  const { id, workflowId, service, environment, trigger } = input;
  const until = Date.now() + deadlineMs;
  // It may end before it saves anything, and is archived all the same.
  const note = (runId: string): Promise<void> => records.noteRun(workflowId, runId, planReference(id));
  try {
    const { firstExecutionRunId } = await client.withDeadline(until, () =>
      client.workflow.start(planWorkflowType, {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `${service} in ${environment}: ${trigger.artifact}`.slice(0, 180),
      }),
    );
    await note(firstExecutionRunId);
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { status, runId } = await client.withDeadline(until, () => client.workflow.getHandle(workflowId).describe());
    // Whoever started it may have died before it was noted.
    await note(runId);
    return status.name === 'RUNNING';
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
