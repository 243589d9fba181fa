import { activityInfo } from '@temporalio/activity';
import type { ZodType } from 'zod';
import type { LedgerEntry } from '../domain/audit.ts';
import { DomainError } from '../domain/errors.ts';
import { entryKeyOf } from '../domain/identifiers.ts';
import type { Said } from '../domain/notice.ts';
import type { AnnouncedRun, SavedBy } from '../domain/ports.ts';
import type { Reference } from '../domain/reference.ts';
import type { StepReference } from '../domain/run-authorization.ts';
import type { Task } from '../domain/task.ts';
import type { ActivityPorts } from './ports.ts';
import { kindIn, type StepInPlace } from './record-kind.ts';

type Ports = Pick<ActivityPorts, 'kinds' | 'runs'>;

const caller = (): string => activityInfo().workflowExecution?.workflowId ?? 'nobody';

/** A workflow acts and writes for itself alone, whatever its input says that it is. */
export const onlyItself = (workflowId: string): void => {
  if (caller() !== workflowId) throw new DomainError('not-allowed', `${caller()} is not ${workflowId}`);
};

/** What concerns a record as a whole is done by its workflow alone: a run of a runbook has no say in it. */
export const onlyRecord = ({ kinds }: Pick<Ports, 'kinds'>, reference: Reference): void => {
  const { kind, id } = kindIn(kinds, reference);
  onlyItself(kind.workflowIdOf(id));
};

/** Only the workflow of a record, and the runs that it announced, act for the record. */
export const onlyFor = async ({ kinds, runs }: Ports, reference: Reference): Promise<void> => {
  const { kind, id } = kindIn(kinds, reference);
  if (caller() === kind.workflowIdOf(id)) return;
  const run = await runs.announced(caller());
  if (run?.belongsTo !== reference) throw new DomainError('not-allowed', `${caller()} does not act for ${reference}`);
};

/** Under the key of somebody else, what they have to say would be taken for said. */
export const onlyOwnKey = (key: string, said: Said): void => {
  const isOwn = key.startsWith(`${caller()}/`) || ('task' in said && key.startsWith(`${said.task}/`));
  if (!isOwn) throw new DomainError('not-allowed', `${caller()} notifies nobody by the key ${key}`);
};

/** Entries and tasks of a workflow that saves itself speak of it, and of nothing else. */
export const onlyAboutItself = (
  { workflowId, rev, tasks }: { workflowId: string; rev: number; tasks: readonly Task[] },
  { belongsTo, subject }: { belongsTo: Reference; subject: string },
  entries: readonly LedgerEntry[],
  { runId }: SavedBy,
): void => {
  onlyItself(workflowId);
  if (activityInfo().workflowExecution?.runId !== runId)
    throw new DomainError('not-allowed', `${runId} is not the run of ${workflowId} that saves`);
  const first = rev - entries.length + 1;
  const foreign = entries.find(
    (entry, at) =>
      entry.key !== entryKeyOf(workflowId, first + at) || entry.belongsTo !== belongsTo || entry.subject !== subject,
  );
  if (foreign) throw new DomainError('not-allowed', `${workflowId} does not write ${foreign.key}`);
  const task = tasks.find((given) => given.belongsTo !== belongsTo || given.workflowId !== workflowId);
  if (task) throw new DomainError('not-allowed', `task ${task.id} is not of ${workflowId}`);
};

/** What is saved as a record of a kind is one: another would stand in the way of everybody who reads them. */
export const refuseOtherThan = (schema: ZodType, name: string, record: unknown): void => {
  const [issue] = schema.safeParse(record).error?.issues ?? [];
  if (issue) throw new DomainError('invalid', `this is no ${name}: ${issue.path.join('.')}: ${issue.message}`);
};

/** The step to run or to undo, if the database says that it may be; a message decides none of this. */
export async function authorizedStep(
  reference: StepReference,
  direction: 'forth' | 'back',
  { kinds, runs }: Ports,
): Promise<StepInPlace & { run: AnnouncedRun }> {
  const { belongsTo, workflowId } = reference;
  onlyItself(workflowId);
  const run = await runs.announced(workflowId);
  if (run?.belongsTo !== belongsTo) throw new DomainError('not-allowed', `${workflowId} is no run of ${belongsTo}`);
  return { ...(await kindIn(kinds, belongsTo).kind.authorize(reference, direction, run)), run };
}
