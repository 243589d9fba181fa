import {
  CancellationScope,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  condition,
  isCancellation,
  log,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import type { RunEnd, RunInput } from '../../domain/runbook-run.ts';
import { executeRunbook } from '../runbook/index.ts';
import { runPaused, runResumed, runStopped, runWorkflowId } from '../runbook.messages.ts';
import { isStopping, type PlanContext } from './context.ts';

/** Runs a runbook as a child of its own, and passes on to it what is said to the plan. */
export const runChild = async (
  context: PlanContext,
  how: Pick<RunInput, 'activity' | 'round' | 'purpose' | 'done' | 'runbook' | 'outline'>,
  kind: 'run' | 'undo',
): Promise<RunEnd> => {
  const { plan, timing } = context;
  const { id, workflowId: parent, revision, team, assignments } = plan.current;
  const workflowId = runWorkflowId(parent, how.activity, kind, how.round);
  const executors = assignments.flatMap(({ person }) => (person === undefined ? [] : [person]));
  context.children += 1;
  try {
    const child = await startChild(executeRunbook, {
      workflowId,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      staticSummary: `${kind} ${how.runbook}`,
      args: [
        {
          ...how,
          workflowId,
          plan: id,
          team,
          revision,
          executors,
          decideWithinMs: timing.decideWithinMs,
          messagesPerRun: timing.messagesPerRun,
        },
      ],
    });
    const relaying = new CancellationScope();
    relaying.run(() => relay(context, child, kind)).catch(unlessCancelled);
    const ended = await child
      .result()
      .catch((error: unknown) => brokenEnd(context, error, { plan: id, workflowId }, how.done));
    relaying.cancel();
    return ended;
  } finally {
    context.children -= 1;
  }
};

/** A run that was terminated, or refused for good: what it did is known from its copy alone, so a person has to look. */
const brokenEnd = async (
  { stored }: PlanContext,
  error: unknown,
  run: { plan: string; workflowId: string },
  before: RunEnd['done'],
): Promise<RunEnd> => {
  if (!(error instanceof ChildWorkflowFailure) || isCancellation(error)) throw error;
  const done = (await stored.findStanding(run)) ?? before;
  return { status: 'failed', outcome: `the run broke off: ${error.cause?.message ?? error.message}`, done };
};

/** What is said to the plan is said to its runs: pause, resume, and stop when something else has failed. */
const relay = async (
  context: PlanContext,
  child: ChildWorkflowHandle<typeof executeRunbook>,
  kind: 'run' | 'undo',
): Promise<void> => {
  const { plan } = context;
  let told = { paused: false, stopped: false };
  for (;;) {
    const wanted = (): typeof told => ({ paused: plan.current.paused, stopped: kind === 'run' && isStopping(context) });
    await condition(() => wanted().paused !== told.paused || wanted().stopped !== told.stopped);
    const next = wanted();
    if (next.stopped && !told.stopped) await child.signal(runStopped);
    if (next.paused !== told.paused) await child.signal(next.paused ? runPaused : runResumed);
    told = next;
  }
};

/** A run that has just ended hears nothing more, which is as good. */
const unlessCancelled = (error: unknown): void => {
  if (!isCancellation(error) && !(error instanceof Error && error.name === 'ExternalWorkflowExecutionNotFound'))
    log.warn('a run was not told', { error });
};
