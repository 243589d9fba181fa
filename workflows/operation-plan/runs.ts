import type { RunEnd } from '../../domain/runbook-run.ts';
import { type RunAsked, runRunbook } from '../runbook/child.ts';
import { isStopping, type PlanContext } from './context.ts';

/** Executes a runbook for the plan; the history is not cut meanwhile. Undefined where the activity has no such runbook. */
export const runFor = async (context: PlanContext, asked: RunAsked): Promise<RunEnd | undefined> => {
  const { plan, belongsTo, stored, timing } = context;
  const { team, revision, assignments } = plan.current;
  context.children += 1;
  try {
    return await runRunbook(
      {
        belongsTo,
        team,
        revision,
        stored,
        executors: assignments.flatMap(({ person }) => (person === undefined ? [] : [person])),
        decideWithinMs: timing.decideWithinMs,
        messagesPerRun: timing.messagesPerRun,
        settle: plan.settle,
        // What undoes goes on, whatever has failed.
        wants: () => ({ paused: plan.current.paused, stopped: asked.kind === 'run' && isStopping(context) }),
      },
      asked,
    );
  } finally {
    context.children -= 1;
  }
};
