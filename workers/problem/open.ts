import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { policyOf } from '../../domain/incident/policy.ts';
import { problemReference, problemWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../../domain/inbox.ts';
import type { ProblemCommission, ProblemInput } from '../../domain/problem.ts';
import { acceptedEntry } from '../../domain/problem/accepted.ts';
import type { ProblemDeclaration } from '../../domain/problem/declaration.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { ProblemStorage } from '../../storage/problem.ts';
import type { RecordStore } from '../../storage/record.ts';
import { problemWorkflowType } from '../../workflows/problem.messages.ts';

export interface ProblemPorts {
  client: Client;
  catalogue: CatalogueStorage;
  problems: ProblemStorage;
  records: Pick<RecordStore, 'noteRun'>;
  taskQueue: string;
  /** Messages after which a problem continues as new. */
  messagesPerRun: number;
}

const deadlineMs = 5_000;

/** Opens each problem that somebody has asked for, once for each row, and starts its workflow. */
export async function deliverProblems(
  row: InboxRow,
  declarations: readonly ProblemDeclaration[],
  ports: ProblemPorts,
): Promise<Delivered> {
  const { catalogue, problems } = ports;
  const catalogueRevision = await catalogue.revision();
  const records = [];
  for (const [at, declared] of declarations.entries()) {
    const service = declared.service === undefined ? undefined : await catalogue.find('Service', declared.service);
    const team = service?.owner ?? declared.team;
    if (team === undefined)
      return { state: 'gap', verdict: { reason: `the catalogue has no service ${declared.service}` } };
    const number = await problems.open(`${row.id}/${at}`, (next) => {
      const commission = { ...commissionOf(declared, row), number: next, team, catalogueRevision };
      return { commission, entry: acceptedEntry(commission, row.actor, { inbox: row.id, bodyHash: row.bodyHash }) };
    });
    await start(number, ports);
    records.push(problemReference(number));
  }
  return { state: 'delivered', verdict: { records } };
}

const commissionOf = (
  declaration: ProblemDeclaration,
  { actor, receivedAt }: InboxRow,
): Omit<ProblemCommission, 'number' | 'team' | 'catalogueRevision'> => {
  const { team: _, privateTo, incidents, ...declared } = declaration;
  const opener = actor.type === 'person' ? [actor.name] : [];
  return {
    ...declared,
    ...(privateTo === undefined ? {} : { privateTo: [...new Set([...privateTo, ...opener])] }),
    incidents: [...new Set(incidents)],
    openedBy: actor,
    openedAt: receivedAt,
  };
};

/** Starts its workflow, or finds it there. Built from what was recorded: the catalogue may have changed since. */
const start = async (number: number, ports: ProblemPorts): Promise<void> => {
  const { client, catalogue, problems, records, taskQueue, messagesPerRun } = ports;
  const commission = await problems.openedFor(number);
  if (!commission) throw new Error(`problem ${number} was not opened`);
  const workflowId = problemWorkflowIdOf(number);
  const { priorities } = await policyOf(catalogue, commission);
  const input: ProblemInput = { ...commission, workflowId, timing: { priorities, messagesPerRun } };
  const note = (runId: string): Promise<void> => records.noteRun(workflowId, runId, problemReference(number));
  const until = Date.now() + deadlineMs;
  try {
    const { firstExecutionRunId } = await client.withDeadline(until, () =>
      client.workflow.start(problemWorkflowType, {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
    );
    await note(firstExecutionRunId);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const {
      type,
      taskQueue: queue,
      runId,
    } = await client.withDeadline(until, () => client.workflow.getHandle(workflowId).describe());
    // Not ours, and not to be noted: the row waits, which /readyz and metrics say.
    if (type !== problemWorkflowType || queue !== taskQueue)
      throw new Error(`the id ${workflowId} is taken by a workflow that is not of Evenkeel`, { cause: error });
    await note(runId);
  }
};
