import { policyOf } from '../../domain/incident/policy.ts';
import { problemReference, problemWorkflowIdOf } from '../../domain/identifiers.ts';
import type { Delivered, InboxRow } from '../../domain/inbox.ts';
import type { ProblemCommission, ProblemInput } from '../../domain/problem.ts';
import { acceptedEntry } from '../../domain/problem/accepted.ts';
import type { ProblemDeclaration } from '../../domain/problem/declaration.ts';
import type { CatalogueStorage } from '../../storage/catalogue.ts';
import type { ProblemStorage } from '../../storage/problem.ts';
import { problemWorkflowType } from '../../workflows/problem.messages.ts';
import { startOnce, type StartPorts } from '../start-once.ts';

export interface ProblemPorts extends StartPorts {
  catalogue: CatalogueStorage;
  problems: ProblemStorage;
  /** Messages after which a problem continues as new. */
  messagesPerRun: number;
}

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
    await startProblem(number, ports);
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
export const startProblem = async (number: number, ports: ProblemPorts): Promise<void> => {
  const { catalogue, problems, messagesPerRun } = ports;
  const commission = await problems.openedFor(number);
  if (!commission) throw new Error(`problem ${number} was not opened`);
  const { priorities } = await policyOf(catalogue, commission);
  const timing = { priorities, messagesPerRun };
  const input: ProblemInput = { ...commission, workflowId: problemWorkflowIdOf(number), timing };
  await startOnce(ports, { type: problemWorkflowType, belongsTo: problemReference(number), input });
};
