import { condition } from '@temporalio/workflow';
import type { StepResult } from '../../activities/effect.ts';
import type { StepOutline } from '../../domain/runbook-run.ts';
import { taskIdOf } from '../../domain/identifiers.ts';
import { withStep, withTask } from '../../domain/runbook-run.rules.ts';
import { acting, looking } from '../activities.ts';
import { decide } from '../approval.ts';
import { refusalOf } from '../refusal.ts';
import { awaitTask } from '../task.ts';
import { now } from '../time.ts';
import { askOwner, changeStep, purposeOf, referenceOf, type Run, stepOf } from './run.ts';

/** Runs one step until it is done or skipped; says what failed otherwise. */
export async function attempt(run: Run, step: StepOutline): Promise<string | undefined> {
  const { record } = run;
  const { name } = step;
  for (;;) {
    changeStep(run, name, { status: 'running', startedAt: stepOf(run, name).startedAt ?? now() });
    const { round, ...before } = stepOf(run, name);
    const { outcome, detail, neverSent } = await perform(run, step).catch(failedBy);
    const { status } = stepOf(run, name);
    if (status === 'skipped') return undefined;
    // A retry that was never sent takes nothing from what an earlier round may have done.
    const isUntouched = neverSent === true && (round === 1 || before.neverSent === true);
    changeStep(run, name, {
      status: outcome === 'done' ? 'done' : 'failed',
      detail,
      endedAt: now(),
      neverSent: isUntouched ? true : undefined,
    });
    if (outcome === 'done') return undefined;
    const failure = `${name}: ${detail}`;
    // Nobody knows how it ended, so nothing is decided without a person.
    if ((step.onFailure === 'undo' && outcome === 'failed') || record.current.isCancelling) return failure;
    record.apply(
      { ...withStep(record.current, name, { asks: true }), status: 'asking' },
      { action: 'runbook.asking', reason: failure },
    );
    const isDecided = (): boolean => stepOf(run, name).status !== 'failed' || record.current.isCancelling;
    await askOwner(
      run,
      `${name}/failed/${stepOf(run, name).round}`,
      { reason: 'step-failed', step: name, failure },
      isDecided,
    );
    if (stepOf(run, name).status === 'skipped') return undefined;
    if (stepOf(run, name).status === 'failed') return failure;
  }
}

/** What the domain refuses has failed; nothing was sent, since the refusal came first. */
export const failedBy = (error: unknown): StepResult => {
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  return { outcome: 'failed', detail: refusal.slice(0, 1000), ...never };
};

const perform = (run: Run, step: StepOutline): Promise<StepResult> => {
  switch (step.kind) {
    case 'http':
    case 'command':
      return act(run, step);
    case 'check':
      return check(run, step);
    case 'wait':
      return wait(run, step);
    case 'task':
      return giveTask(run, step);
    case 'approval':
      return askApproval(run, step);
    case 'parallel':
      throw new Error('a parallel step is run by its parts');
  }
};

const isOff = (run: Run, name: string): boolean =>
  run.record.current.isCancelling || stepOf(run, name).status === 'skipped';

const never = { neverSent: true } as const;

const act = async (run: Run, { name, attempts, everyMs, timeoutMs }: StepOutline): Promise<StepResult> => {
  const { round } = stepOf(run, name);
  const results: StepResult[] = [];
  for (let number = 1; number <= attempts && !isOff(run, name); number += 1) {
    if (number > 1) await condition(() => isOff(run, name), everyMs);
    const result = await acting(timeoutMs).runStep({ ...referenceOf(run, name, round), attempt: number });
    results.push(result);
    if (result.outcome !== 'failed') break;
  }
  const last = results.at(-1);
  if (!last) return { outcome: 'failed', detail: 'stopped before it began', ...never };
  return { outcome: last.outcome, detail: last.detail, ...(results.every(({ neverSent }) => neverSent) ? never : {}) };
};

const check = async (run: Run, { name, forMs = 0, checkEveryMs = 1000 }: StepOutline): Promise<StepResult> => {
  const until = Date.now() + forMs;
  for (;;) {
    const { round } = stepOf(run, name);
    const result = await looking.checkStep({ ...referenceOf(run, name, round), at: Date.now() });
    if (result.outcome === 'done' || isOff(run, name)) return result;
    if (Date.now() + checkEveryMs > until) return { outcome: 'failed', detail: `not good in time: ${result.detail}` };
    await condition(() => isOff(run, name), checkEveryMs);
  }
};

const wait = async (run: Run, { name, forMs = 0 }: StepOutline): Promise<StepResult> => {
  const until = Date.parse(stepOf(run, name).startedAt!) + forMs;
  const isStopped = await condition(() => isOff(run, name), Math.max(1, until - Date.now()));
  return isStopped ? { outcome: 'failed', detail: 'stopped' } : { outcome: 'done', detail: `waited ${forMs / 1000} s` };
};

/** A step of a person, or the undo of one: the task's id tells the round. */
export const giveTask = async (run: Run, { name }: { name: string }, undoRound?: number): Promise<StepResult> => {
  const { record, input, stored } = run;
  const { id: runId, belongsTo, revision, activity, workflowId, team } = input;
  const isUndo = undoRound !== undefined;
  const round = isUndo ? `undo-${undoRound}` : stepOf(run, name).round;
  const id = taskIdOf(belongsTo, activity, name, `${input.purpose}-${input.round}`, round);
  const task = await awaitTask(stored, {
    id,
    belongsTo,
    workflowId,
    place: { of: 'step', activity, run: runId, step: name },
    owner: team,
    order: () => stored.orderTask({ belongsTo, revision, activity, step: name, purpose: purposeOf(input), isUndo }),
    find: () => record.current.tasks.find((candidate) => candidate.id === id),
    put: (given, action) => void record.apply(withTask(record.current, given), { action, detail: { task: id } }),
    isOff: () => !isUndo && isOff(run, name),
  });
  if (task.status === 'open') {
    record.apply(withTask(record.current, { ...task, status: 'cancelled', closedAt: now() }), {
      action: 'task.cancelled',
      detail: { task: id },
    });
    return { outcome: 'failed', detail: 'stopped' };
  }
  const by = task.closedBy?.name ?? 'nobody';
  return task.status === 'done'
    ? { outcome: 'done', detail: `by ${by}` }
    : { outcome: 'failed', detail: `${task.status} by ${by}` };
};

const askApproval = async (run: Run, { name }: StepOutline): Promise<StepResult> => {
  const { record, input, stored } = run;
  const { belongsTo, revision, activity, executors, workflowId } = input;
  const { round } = stepOf(run, name);
  const state = await decide(stored, {
    ask: {
      about: 'step',
      step: name,
      activity,
      purpose: purposeOf(input),
      belongsTo,
      revision,
      attempt: round,
      executors,
      workflowId,
      at: Date.now(),
    },
    heard: run.heardApprovals,
    isOff: () => record.current.isCancelling,
    keep: () => {},
  });
  if (state.status === 'open') {
    await stored.withdrawApproval({ id: state.id, status: 'cancelled', at: Date.now() });
    return { outcome: 'failed', detail: 'stopped' };
  }
  if (state.status !== 'approved' && state.status !== 'consumed')
    return { outcome: 'failed', detail: `${state.status}${state.reason ? `: ${state.reason}` : ''}` };
  const isPassed = await stored.passApproval({ id: state.id, by: `${workflowId}/${name}/${round}`, at: Date.now() });
  return isPassed
    ? { outcome: 'done', detail: `approved by ${state.id}` }
    : { outcome: 'failed', detail: 'the approval does not hold any more' };
};
