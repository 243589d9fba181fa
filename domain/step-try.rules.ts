import { isEffectOf } from './identifiers.ts';
import type { OutboxStore } from './ports.ts';
import type { RunbookRun } from './runbook-run.ts';
import type { RunWithTries, StepTry } from './step-try.ts';

type Effects = Awaited<ReturnType<OutboxStore['of']>>;

/** What was tried for a step of a run, the first one first. */
export const triesOf = (workflowId: string, step: string, effects: Effects): StepTry[] =>
  effects.flatMap(({ key, at, result }) => {
    const of = isEffectOf(key, workflowId, step);
    if (of === undefined) return [];
    const { ok, detail, output } = result ?? {};
    return [{ at, of, ok, detail, output }];
  });

export const withTries = (run: RunbookRun, effects: Effects): RunWithTries => ({
  ...run,
  steps: run.steps.map((step) => ({ ...step, tries: triesOf(run.workflowId, step.name, effects) })),
});

/** The latest try that failed and said something: a reason, for whoever has to decide. */
export const failedTry = (tries: readonly StepTry[] = []): (StepTry & { output: string }) | undefined =>
  tries.findLast((one): one is StepTry & { output: string } => one.ok === false && (one.output ?? '').trim() !== '');
