import { WorkflowNotFoundError } from '@temporalio/client';
import { milliseconds } from '../../domain/duration.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { InboxRow } from '../../domain/inbox.ts';
import type { PlanInput, PlanTiming } from '../../domain/operation-plan.ts';
import type { PlanTemplateSpec } from '../../domain/plan-template.ts';
import type { DeploymentFact } from '../../domain/deployment.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { InboxStore } from '../../storage/inbox.ts';
import type { PlanRow, PlanStorage } from '../../storage/operation-plan.ts';
import {
  type DeploymentBatch,
  deploymentsReported,
  planWorkflowType,
} from '../../workflows/operation-plan.messages.ts';
import { startOnce, type StartPorts } from '../start-once.ts';

export interface DeploymentPorts extends StartPorts {
  catalogue: CatalogueStorage;
  plans: PlanStorage;
  inbox: Pick<InboxStore, 'isOvertaking'>;
  /** Messages after which a plan continues as new. */
  messagesPerRun: number;
}

const deadlineMs = 5_000;

/** Built from what was recorded: the catalogue may have changed since. */
export const inputOf = async (
  { id, workflowId, team, commission }: Pick<PlanRow, 'id' | 'workflowId' | 'team' | 'commission'>,
  { receivedAt: at }: InboxRow,
  { catalogue, messagesPerRun }: DeploymentPorts,
): Promise<PlanInput> => {
  const template = await catalogue.find('PlanTemplate', commission.template, commission.catalogueRevision);
  return { ...commission, id, workflowId, team, at, timing: timingOf(template!, messagesPerRun) };
};

/** Tells the workflow of a plan; false when there is none, or it has ended. */
export const tell = async (
  workflowId: string,
  row: InboxRow,
  fact: DeploymentFact,
  { client }: DeploymentPorts,
): Promise<boolean> => {
  const { change, artifact } = fact;
  const batch: DeploymentBatch = { batchId: `${row.id}/${change}`, facts: [{ change, artifact, source: row.source }] };
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
export const start = (input: PlanInput, ports: DeploymentPorts): Promise<boolean> => {
  const { id, service, environment, trigger } = input;
  const staticSummary = `${service} in ${environment}: ${trigger.artifact}`.slice(0, 180);
  return startOnce(ports, { type: planWorkflowType, belongsTo: planReference(id), input, staticSummary });
};

const reassessEveryMs = 15 * 60_000;

const timingOf = ({ statusReportEvery: every, ...template }: PlanTemplateSpec, messagesPerRun: number): PlanTiming => ({
  readyWithinMs: milliseconds(template.readyWithin),
  reassessEveryMs,
  confirmWithinMs: milliseconds(template.confirmWithin),
  staffWithinMs: milliseconds(template.staffWithin),
  decideWithinMs: milliseconds(template.decideWithin),
  reserveWithinMs: milliseconds(template.reserveWithin),
  statusReportEveryMs: every === undefined ? undefined : milliseconds(every),
  messagesPerRun,
});
