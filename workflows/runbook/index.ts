import { CancellationScope, condition, continueAsNew, isCancellation } from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { Command } from '../../domain/operation-plan.ts';
import type { RunAsk, RunbookRun, RunEnd, RunInput, StepOutline } from '../../domain/runbook-run.ts';
import * as rules from '../../domain/runbook-run.rules.ts';
import { cancelOpen } from '../../domain/task.rules.ts';
import { createStored, createTurns } from '../activities.ts';
import { approvalDecided } from '../approval.messages.ts';
import { holdLifted } from '../hold.messages.ts';
import { runTold, runUpdates, type Telling } from '../runbook.messages.ts';
import { now } from '../time.ts';
import { type Answers, type Carried, track, type Tracked } from '../track/index.ts';
import { isObject } from '../../domain/object.rules.ts';
import type { Run } from './run.ts';
import { attempt } from './step/index.ts';
import { undoSteps } from './undo.ts';

/**
 * Executes the steps of a runbook in order. When a step fails, what was done before it is undone, the latest first; an
 * undo that fails stops and waits for a person.
 */
export async function executeRunbook(input: RunInput, carried?: Carried<RunbookRun>): Promise<RunEnd> {
  const stored = createStored(createTurns());
  const record = track<RunbookRun>({
    initial: rules.begin(input, now()),
    opening: {
      by: evenkeel,
      at: now(),
      action: 'runbook.started',
      detail: { runbook: input.runbook, purpose: input.purpose },
    },
    carried,
    subject: `run/${input.id}`,
    belongsTo: input.belongsTo,
    save: (state, entries, by) => stored.saveRun(state, input.team, entries, by),
    again: (next) => continueAsNew<typeof executeRunbook>(input, next),
    messagesPerRun: input.messagesPerRun,
  });
  listen(record);
  const heardApprovals = record.counts(approvalDecided);
  const run: Run = { record, stored, input, heardApprovals, heardLifted: record.counts(holdLifted) };
  try {
    return await record.unlessRefused(carryOut(run));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const tasks = cancelOpen(record.current.tasks, now());
    record.apply({ ...record.current, tasks, isCancelling: true }, { action: 'runbook.cancelled' });
    await CancellationScope.nonCancellable(() => record.saved());
    throw error;
  }
}

const carryOut = async (run: Run): Promise<RunEnd> => {
  const outcome = run.input.purpose === 'undo-steps' ? 'undoing what was done' : await runSteps(run);
  if (outcome !== undefined) return end(run, await undoSteps(run), outcome);
  return end(run, 'done', 'all steps are done');
};

/** Runs the steps that are left; says why it stopped, or nothing when all are done. */
const runSteps = async (run: Run): Promise<string | undefined> => {
  const { record, input } = run;
  for (const group of input.outline) {
    await condition(() => !record.current.paused || record.current.isCancelling);
    if (record.mustContinue && !record.current.isCancelling) await record.continueAsNew();
    if (record.current.isCancelling) return 'stopped';
    const failed = await attemptGroup(run, group);
    if (failed !== undefined) return record.current.isCancelling ? 'stopped' : failed;
  }
  return record.current.isCancelling ? 'stopped' : undefined;
};

/** One step, or several side by side; the first failure by name, if any. */
const attemptGroup = async (run: Run, group: readonly StepOutline[]): Promise<string | undefined> => {
  const results = await Promise.all(
    group.filter(({ name }) => isLeft(run, name)).map((single) => attempt(run, single)),
  );
  return results.find((failed) => failed !== undefined);
};

const isLeft = ({ record }: Run, name: string): boolean => {
  const { status } = record.current.steps.find((step) => step.name === name)!;
  return status !== 'done' && status !== 'skipped';
};

const answers: Answers<RunbookRun, Command<RunAsk>> = {
  'retry-step': ['step.retried', rules.retryStep],
  'skip-step': ['step.skipped', rules.skipStep],
  'complete-task': ['task.closed', rules.completeTask],
  'reassign-task': ['task.reassigned', rules.reassignTask],
};

const listen = (record: Tracked<RunbookRun>): void => {
  record.accepts<Command<RunAsk>>(runUpdates, answers);
  record.hears<Telling>(runTold, {
    reads: isTelling,
    handle: (telling) => heed(record, telling),
    batchOf: ({ number }) => `told-${number}`,
  });
};

const isTelling = (news: unknown): news is Telling =>
  isObject(news) &&
  typeof news['number'] === 'number' &&
  typeof news['paused'] === 'boolean' &&
  typeof news['stopped'] === 'boolean';

const heed = (record: Tracked<RunbookRun>, { paused, stopped }: Telling): void => {
  const { current } = record;
  if (stopped && !current.isCancelling)
    record.apply({ ...current, isCancelling: true, paused: false }, { action: 'runbook.stopped' });
  else if (paused !== current.paused)
    record.apply({ ...current, paused }, { action: paused ? 'runbook.paused' : 'runbook.resumed' });
};

const end = async ({ record }: Run, status: RunEnd['status'], outcome: string): Promise<RunEnd> => {
  record.apply(
    { ...record.current, status, outcome, endedAt: now() },
    { action: `runbook.${status}`, reason: outcome },
  );
  await record.settled();
  return { status, outcome, done: rules.stepsInEffect(record.current) };
};
