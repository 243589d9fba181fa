import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  log,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import type { RunPlace } from '../../domain/identifiers.ts';
import type { RunEnd, RunInput } from '../../domain/runbook-run.ts';
import { isRunEnd } from '../../domain/runbook-run.rules.ts';
import type { Stored } from '../activities.ts';
import { runTold, type Telling } from '../runbook.messages.ts';
import { executeRunbook } from './index.ts';

/** What a run takes from the record that it belongs to. */
export interface RunOwner extends Pick<
  RunInput,
  'belongsTo' | 'team' | 'revision' | 'executors' | 'decideWithinMs' | 'messagesPerRun'
> {
  stored: Stored;
  /** Waits for short work, and until executors can read the record as it is now: they believe the database alone. */
  settle<Result>(work: Promise<Result>): Promise<Result>;
  /** What the run is to do now; it is told when that changes. */
  wants(): { paused: boolean; stopped: boolean };
}

export type RunAsked = Omit<RunPlace, 'belongsTo'> & Pick<RunInput, 'purpose' | 'done'>;

/**
 * Executes the runbook of an activity, or the one that undoes it, as a child of the record's workflow. Undefined where the
 * activity has no such runbook.
 */
export const runRunbook = async (
  { stored, settle, wants, ...owner }: RunOwner,
  { purpose, done, ...place }: RunAsked,
): Promise<RunEnd | undefined> => {
  const { belongsTo, revision } = owner;
  const announced = await settle(
    stored.announceRun({ ...place, belongsTo, revision, purpose: purpose === 'undo' ? 'undo' : 'run' }),
  );
  if (!announced) return undefined;
  const { activity, kind, number: round } = place;
  const relaying = new CancellationScope();
  try {
    const child = await startChild(executeRunbook, {
      workflowId: announced.workflowId,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `${kind} ${announced.runbook}`,
      args: [{ ...owner, ...announced, activity, round, purpose, done }],
    });
    relaying.run(() => relay(child, wants)).catch(unlessCancelled);
    return endIn(await child.result());
  } catch (error) {
    const why = whyBrokenOff(error);
    if (why === undefined) throw error;
    // What it did is known from its copy alone, so a person has to look.
    const inEffect = await stored.findStepsInEffect({ belongsTo, workflowId: announced.workflowId });
    return { status: 'failed', outcome: `the run broke off: ${why}`, done: inEffect ?? done };
  } finally {
    relaying.cancel();
  }
};

/** Refuses an end that no run of ours has. */
const endIn = (result: unknown): RunEnd => {
  if (isRunEnd(result)) return result;
  throw ApplicationFailure.nonRetryable('it did not say how it ended');
};

/** Why a run is over that did not end by itself; undefined for anything else, and for a record that is cancelled. */
const whyBrokenOff = (error: unknown): string | undefined => {
  if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')
    return 'somebody else took its place';
  if (error instanceof ApplicationFailure) return error.message;
  // A run that somebody cancelled by itself has broken off; the record has not.
  const isOurs = isCancellation(error) && CancellationScope.current().consideredCancelled;
  return error instanceof ChildWorkflowFailure && !isOurs ? (error.cause?.message ?? error.message) : undefined;
};

/** What the record is told is told to its run: pause, resume, and stop when something else has failed. */
const relay = async (child: ChildWorkflowHandle<typeof executeRunbook>, wants: RunOwner['wants']): Promise<void> => {
  let told = { paused: false, stopped: false };
  for (let number = 1; ; number += 1) {
    await condition(() => wants().paused !== told.paused || wants().stopped !== told.stopped);
    told = wants();
    // Numbered and with words, so that it is sealed: a bare signal could come from anybody.
    const telling: Telling = { number, ...told };
    await child.signal(runTold, telling);
  }
};

/** A run that has just ended hears nothing more, which is as good. */
const unlessCancelled = (error: unknown): void => {
  if (!isCancellation(error) && !(error instanceof Error && error.name === 'ExternalWorkflowExecutionNotFound'))
    log.warn('a run was not told', { error });
};
