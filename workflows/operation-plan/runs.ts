import { seatedIn } from '../../domain/operation-plan/seat.rules.ts';
import type { RunEnd } from '../../domain/runbook-run.ts';
import { type RunAsked, runRunbook } from '../runbook/child.ts';
import { isStopping, type PlanContext } from './context.ts';

/** Executes a runbook for the plan; the history is not cut meanwhile. Undefined where the activity has no such runbook. */
export const runFor = async (context: PlanContext, asked: RunAsked): Promise<RunEnd | undefined> => {
  const { plan, belongsTo, stored, timing } = context;
  const { team, revision } = plan.current;
  const { decideWithinMs, messagesPerRun } = timing;
  const executors = seatedIn(plan.current);
  const owner = { belongsTo, team, revision, executors, decideWithinMs, messagesPerRun, stored, settle: plan.settle };
  // What undoes goes on, whatever has failed.
  const wants = () => ({ paused: plan.current.paused, stopped: asked.kind === 'run' && isStopping(context) });
  context.children += 1;
  try {
    return await runRunbook({ ...owner, wants }, asked);
  } finally {
    context.children -= 1;
  }
};
