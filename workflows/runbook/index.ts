import type { UpdateDefinition } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  isCancellation,
  makeContinueAsNewFunc,
  setHandler,
} from '@temporalio/workflow';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { Command } from '../../domain/operation-plan.ts';
import type { RunAskOf, RunbookRun, RunEnd, RunOpening, StepOutline } from '../../domain/runbook-run.ts';
import * as rules from '../../domain/runbook-run.rules.ts';
import { cancelOpen } from '../../domain/task.rules.ts';
import { quick, workAs } from '../activities.ts';
import { approvalDecided } from '../approval.messages.ts';
import { runPaused, runResumed, runStopped, runUpdates } from '../runbook.messages.ts';
import { type Carried, now, type Receipt, track, type Tracked } from '../track.ts';
import type { Run } from './run.ts';
import { attempt } from './step.ts';
import { undoSteps } from './undo.ts';

const update = <Type extends keyof typeof runUpdates>(
  type: Type,
): UpdateDefinition<Receipt, [Command<RunAskOf<Type>>]> => defineUpdate(runUpdates[type]);

/**
 * Executes the steps of a runbook in order. A step that fails takes back what was done before it, the latest first; an
 * undo that fails stops and waits for a person.
 */
export async function executeRunbook(opening: RunOpening, carried?: Carried<RunbookRun>): Promise<RunEnd> {
  workAs(opening);
  const record = track<RunbookRun>({
    initial: rules.begin(opening, now()),
    opening: {
      by: evenkeel,
      at: now(),
      action: 'runbook.started',
      detail: { runbook: opening.runbook, purpose: opening.purpose },
    },
    carried,
    subject: `run/${opening.workflowId}`,
    plan: opening.plan,
    save: (state, entries, { runId, at }) => quick.saveRun(state, opening.team, entries, runId, at),
    messagesPerRun: opening.messagesPerRun,
    savesWhenIdle: opening.savesWhenIdle ?? false,
    worksLocally: opening.worksLocally ?? false,
  });
  const run: Run = { record, opening, heardApprovals: 0 };
  listen(record, run);
  try {
    const outcome = opening.purpose === 'undo-steps' ? 'taking back what was done' : await runSteps(run);
    if (outcome !== undefined) return await end(run, await undoSteps(run), outcome);
    return await end(run, 'done', 'all steps are done');
  } catch (error) {
    if (!isCancellation(error)) throw error;
    const tasks = cancelOpen(record.current.tasks, now());
    record.apply({ ...record.current, tasks, isCancelling: true }, { action: 'runbook.cancelled' });
    if (opening.worksInTurn) await CancellationScope.nonCancellable(() => record.saved());
    throw error;
  }
}

/** Runs the steps that are left; says why it stopped, or nothing when all are done. */
const runSteps = async (run: Run): Promise<string | undefined> => {
  const { record, opening } = run;
  for (const step of opening.outline) {
    await condition(() => !record.current.paused || record.current.isCancelling);
    if (record.mustContinue && !record.current.isCancelling) await continueAsNew(run);
    if (record.current.isCancelling) return 'stopped';
    const failed = await attemptGroup(run, step);
    if (failed !== undefined) return record.current.isCancelling ? 'stopped' : failed;
  }
  return record.current.isCancelling ? 'stopped' : undefined;
};

/** One step, or several side by side; the first failure by name, if any. */
const attemptGroup = async (run: Run, step: StepOutline): Promise<string | undefined> => {
  const group = step.steps ?? [step];
  const results = await Promise.all(
    group.filter(({ name }) => isLeft(run, name)).map((single) => attempt(run, single)),
  );
  return results.find((failed) => failed !== undefined);
};

const isLeft = ({ record }: Run, name: string): boolean => {
  const { status } = record.current.steps.find((step) => step.name === name)!;
  return status !== 'done' && status !== 'skipped';
};

const listen = (record: Tracked<RunbookRun>, run: Run): void => {
  record.accepts(update('retry-step'), 'step.retried', rules.retryStep);
  record.accepts(update('skip-step'), 'step.skipped', rules.skipStep);
  record.accepts(update('complete-task'), 'task.closed', rules.completeTask);
  setHandler(
    defineSignal(runPaused),
    () => void record.apply({ ...record.current, paused: true }, { action: 'runbook.paused' }),
  );
  setHandler(
    defineSignal(runResumed),
    () => void record.apply({ ...record.current, paused: false }, { action: 'runbook.resumed' }),
  );
  setHandler(
    defineSignal(runStopped),
    () => void record.apply({ ...record.current, isCancelling: true, paused: false }, { action: 'runbook.stopped' }),
  );
  setHandler(defineSignal(approvalDecided), () => {
    record.hears();
    run.heardApprovals += 1;
  });
};

const continueAsNew = async ({ record, opening }: Run): Promise<never> => {
  await condition(allHandlersFinished);
  await record.saved();
  return makeContinueAsNewFunc<typeof executeRunbook>()(opening, record.carry());
};

const end = async ({ record }: Run, status: RunEnd['status'], outcome: string): Promise<RunEnd> => {
  record.apply(
    { ...record.current, status, outcome, endedAt: now() },
    { action: `runbook.${status}`, reason: outcome },
  );
  await condition(allHandlersFinished);
  await record.saved();
  return { status, outcome, done: rules.standingSteps(record.current) };
};
