import { DomainError } from './errors.ts';
import { isObject } from './object.rules.ts';
import type { Command } from './operation-plan.ts';
import type { RunAskOf, RunbookRun, RunEnd, RunInput, StepOutline, StepRun } from './runbook-run.ts';
import { close, complete, reassign } from './task.rules.ts';
import type { Task } from './task.ts';

const isEnded = ({ status }: RunbookRun): boolean => status === 'done' || status === 'undone' || status === 'failed';

const stepOf = ({ name, kind, undo }: StepOutline): StepRun => ({
  name,
  kind,
  status: 'planned',
  hasUndo: undo !== undefined,
  round: 1,
  undoRound: 1,
});

/** The run as it starts: all steps planned; when it undoes steps of an earlier run, those stand as done. */
export function begin(
  { id, workflowId, belongsTo, revision, activity, runbook, purpose, done, outline }: RunInput,
  at: string,
): RunbookRun {
  const restored = outline.flat().map((planned) => {
    const step = stepOf(planned);
    const past = done.find(({ name }) => name === step.name);
    return past ? { ...step, status: 'done' as const, round: past.round } : step;
  });
  return {
    id,
    workflowId,
    belongsTo,
    revision,
    activity,
    runbook,
    purpose,
    status: purpose === 'undo-steps' ? 'undoing' : 'running',
    rev: 1,
    paused: false,
    isCancelling: false,
    steps: restored,
    tasks: [],
    startedAt: at,
  };
}

const find = (run: RunbookRun, name: string): StepRun => {
  const step = run.steps.find((candidate) => candidate.name === name);
  if (!step) throw new DomainError('not-found', `runbook ${run.runbook} has no step ${name}`, 'step');
  return step;
};

/** Its failure waits for a person. Several steps side by side may do so. */
const isAsking = ({ status }: RunbookRun, step: StepRun): boolean =>
  step.status === 'failed' && step.asks === true && (status === 'asking' || status === 'running');

/** The run goes on, unless another step still asks. */
const answered = (run: RunbookRun, name: string, change: Partial<StepRun>): RunbookRun => {
  const isAsked = run.steps.some((step) => step.name !== name && step.asks === true && step.status === 'failed');
  return withStep({ ...run, status: isAsked ? 'asking' : 'running' }, name, change);
};

/** Tries a failed step, or a failed undo, again in a new round. */
export function retryStep(
  run: RunbookRun,
  { step: name, by, reason, at }: Command<RunAskOf<'retry-step'>>,
): RunbookRun {
  const step = find(run, name);
  const retries = [...(step.retries ?? []).slice(-19), { by: by.name, reason, at, failed: step.detail }];
  if (isAsking(run, step)) return answered(run, name, { status: 'planned', round: step.round + 1, retries });
  if (step.status === 'undo-failed')
    return withStep(run, name, { status: 'done', undoRound: step.undoRound + 1, retries });
  throw new DomainError('conflict', `step ${name} is ${step.status}: nothing to retry`);
}

/** Goes on without a step: one that failed or has not begun, or an undo that failed and is left as it is. */
export function skipStep(run: RunbookRun, { step: name, reason, by, at }: Command<RunAskOf<'skip-step'>>): RunbookRun {
  const step = find(run, name);
  if (step.status === 'undo-failed') return withStep(run, name, { status: 'left', detail: reason, endedAt: at });
  // Four eyes are not skipped: an approval step is decided, or the plan is cancelled.
  if (step.kind === 'approval')
    throw new DomainError('not-allowed', `step ${name} asks for an approval and cannot be skipped`);
  const task = run.tasks.find(
    (candidate) => candidate.place.of === 'step' && candidate.place.step === name && candidate.status === 'open',
  );
  const mayBeSkipped = step.status === 'planned' || isAsking(run, step) || task !== undefined;
  if (isEnded(run) || run.status === 'undoing' || !mayBeSkipped) {
    throw new DomainError('conflict', `step ${name} is ${step.status}: it cannot be skipped`);
  }
  const change = { status: 'skipped', detail: reason, endedAt: at } as const;
  const skipped = run.status === 'asking' ? answered(run, name, change) : withStep(run, name, change);
  return task ? withTask(skipped, close(task, 'skipped', by, at)) : skipped;
}

export function completeTask(run: RunbookRun, ask: Command<RunAskOf<'complete-task'>>): RunbookRun {
  const task = run.tasks.find(({ id }) => id === ask.task);
  if (!task) throw new DomainError('not-found', `runbook ${run.runbook} has no task ${ask.task}`);
  return withTask(run, complete(task, ask));
}

export function reassignTask(run: RunbookRun, ask: Command<RunAskOf<'reassign-task'>>): RunbookRun {
  const task = run.tasks.find(({ id }) => id === ask.task);
  if (!task) throw new DomainError('not-found', `runbook ${run.runbook} has no task ${ask.task}`);
  return withTask(run, reassign(task, ask));
}

export const withStep = (run: RunbookRun, name: string, change: Partial<StepRun>): RunbookRun => ({
  ...run,
  steps: run.steps.map((step) => (step.name === name ? { ...step, ...change } : step)),
});

export const withTask = (run: RunbookRun, task: Task): RunbookRun => ({
  ...run,
  tasks: [...run.tasks.filter(({ id }) => id !== task.id), task],
});

/**
 * Steps whose effect still stands, in order: done, perhaps half done, or not undone when that was tried. Of a run that
 * broke off, those under way count too.
 */
export const stepsInEffect = (run: RunbookRun): { name: string; round: number }[] =>
  run.steps.filter(stands).map(({ name, round }) => ({ name, round }));

const stands = ({ status, neverSent }: StepRun): boolean =>
  ['done', 'running', 'undoing', 'undo-failed'].includes(status) || (status === 'failed' && neverSent !== true);

/** Whether this says how a run ended. */
export const isRunEnd = (value: unknown): value is RunEnd =>
  isObject(value) &&
  ['done', 'undone', 'failed'].includes(String(value['status'])) &&
  typeof value['outcome'] === 'string' &&
  Array.isArray(value['done']);
