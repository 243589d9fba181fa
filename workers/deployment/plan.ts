import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { milliseconds } from '../../domain/duration.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { InboxRow } from '../../domain/inbox.ts';
import type { PlanInput, PlanTiming } from '../../domain/operation-plan.ts';
import type { PlanTemplateSpec } from '../../domain/plan-template.ts';
import type { DeploymentFact } from '../../domain/trigger.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { InboxStore } from '../../storage/inbox.ts';
import type { PlanRow, PlanStorage } from '../../storage/operation-plan.ts';
import type { RecordStore } from '../../storage/record.ts';
import {
  type DeploymentBatch,
  deploymentsReported,
  planWorkflowType,
} from '../../workflows/operation-plan.messages.ts';

export interface DeploymentPorts {
  client: Client;
  catalogue: CatalogueStorage;
  plans: PlanStorage;
  records: Pick<RecordStore, 'noteRun'>;
  inbox: Pick<InboxStore, 'isOvertaking'>;
  taskQueue: string;
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
export const start = async (input: PlanInput, { client, taskQueue, records }: DeploymentPorts): Promise<boolean> => {
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
    const found = await client.withDeadline(until, () => client.workflow.getHandle(workflowId).describe());
    const { status, runId } = found;
    // Not ours, and not to be noted: the row waits, which /readyz and metrics say.
    if (found.type !== planWorkflowType || found.taskQueue !== taskQueue)
      throw new Error(`the id ${workflowId} is taken by a workflow that is not of Evenkeel`, { cause: error });
    // Whoever started it may have died before it was noted.
    await note(runId);
    return status.name === 'RUNNING';
  }
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
