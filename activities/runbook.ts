import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { LedgerEntry } from '../domain/audit.ts';
import { milliseconds } from '../domain/duration.ts';
import { fill } from '../domain/catalogue/placeholder.ts';
import { DomainError } from '../domain/errors.ts';
import type { PlanContent } from '../domain/plan-content.ts';
import type { EffectResult } from '../domain/ports.ts';
import type { Form, HumanTask, SingleStep, Step, Undo } from '../domain/runbook.ts';
import type { RunbookRun, StepOutline } from '../domain/runbook-run.ts';
import { mayApprove } from './approval.ts';
import { authorizedStep, refuseStranger, type StepReference, stepIn } from './authorization.ts';
import { circumstancesOf, placeholderValues } from './circumstances.ts';
import { executeCommand } from './executors/command.ts';
import { executeHttp } from './executors/http.ts';
import type { ActivityPorts } from './ports.ts';
import { lookAt } from './probes/index.ts';
import { unlessRefused } from './refusal.ts';

/** How a step ended. `in-doubt`: it was begun before and nobody knows how that ended, so a person has to look. */
export interface StepResult {
  outcome: 'done' | 'failed' | 'in-doubt';
  detail: string;
}

/** What a person is asked to do. */
export interface TaskOrder {
  title: string;
  instructions: string;
  form: Form;
  assignee: HumanTask['assignee'];
}

type Ports = Pick<
  ActivityPorts,
  | 'clock'
  | 'catalogue'
  | 'plans'
  | 'runs'
  | 'approvals'
  | 'readiness'
  | 'outbox'
  | 'commands'
  | 'egress'
  | 'secrets'
  | 'programsFolder'
>;

export const createRunbookActivities = (ports: Ports) => ({
  async saveRun(record: RunbookRun, team: string, entries: LedgerEntry[], runId: string): Promise<void> {
    refuseStranger(record.workflowId);
    await ports.runs.save(record, team, entries, runId);
  },

  /** What the workflow has to know of an activity's runbook, or of the runbook that takes it back. */
  async outlineRunbook({
    plan,
    revision,
    activity,
    purpose,
  }: {
    plan: string;
    revision: number;
    activity: string;
    purpose: 'run' | 'undo';
  }): Promise<{ runbook: string; outline: StepOutline[] } | undefined> {
    const found = await ports.plans.content(plan, revision);
    const planned = found?.content.activities.find(({ name }) => name === activity);
    const runbook = purpose === 'run' ? planned?.runbook : planned?.undo;
    return runbook && { runbook: runbook.name, outline: runbook.steps.map(outlineOf) };
  },

  /** Runs a step once under its key: a second attempt finds how the first one ended. */
  async runStep({ attempt, ...reference }: StepReference & { attempt: number }): Promise<StepResult> {
    const key = `${reference.workflowId}/${reference.step}/${reference.round}`;
    return refusing(async () => {
      const { step } = await authorizedStep(reference, ports);
      if (step.kind !== 'http' && step.kind !== 'command')
        throw new DomainError('invalid', `a ${step.kind} step is not executed`);
      if (attempt > step.retry.attempts)
        throw new DomainError('not-allowed', `step ${step.name} has ${step.retry.attempts} attempts`);
      return perform(step, { timeoutMs: milliseconds(step.timeout), key, attempt }, reference, ports);
    });
  },

  /** Takes a step back, once for each round of its undo. */
  async undoStep(reference: StepReference & { undoRound: number }): Promise<StepResult> {
    const key = `${reference.workflowId}/${reference.step}/undo/${reference.undoRound}`;
    return refusing(async () => {
      const { step } = await authorizedStep({ ...reference, round: reference.undoRound }, ports);
      if (step.undo === undefined || step.undo.kind === 'task')
        throw new DomainError('invalid', `step ${step.name} has no undo to execute`);
      return perform(step.undo, { timeoutMs: milliseconds(step.timeout), key, attempt: 1 }, reference, ports);
    });
  },

  /** Looks at the evidence of a `check` step, once. */
  async checkStep({ at, ...reference }: StepReference & { at: number }): Promise<StepResult> {
    return refusing(async () => {
      const { step } = await authorizedStep(reference, ports);
      if (step.kind !== 'check') throw new DomainError('invalid', `step ${step.name} checks nothing`);
      const circumstances = await circumstancesOf(ports, reference.plan);
      const finding = await lookAt(step.evidence, { circumstances, at }, ports);
      return { outcome: finding.result === 'pass' ? 'done' : 'failed', detail: finding.detail.slice(0, 1000) };
    });
  },

  /** The task that a step, its undo, or an activity gives to a person. */
  async orderTask({
    plan,
    revision,
    activity,
    step,
    purpose,
    isUndo,
  }: {
    plan: string;
    revision: number;
    activity: string;
    step?: string;
    purpose: 'run' | 'undo';
    isUndo: boolean;
  }): Promise<TaskOrder & { dueWithinMs: number; remindBeforeMs: number }> {
    const found = await ports.plans.content(plan, revision);
    if (!found) throw new DomainError('not-found', `plan ${plan} has no revision ${revision}`);
    const task = taskIn(found.content, activity, step, purpose, isUndo);
    const values = placeholderValues(await circumstancesOf(ports, plan), {
      activity,
      ...(step === undefined ? {} : { step }),
    });
    const filled = (text: string): string => fill(text, values);
    return {
      title: filled(task.title),
      instructions: filled(task.instructions),
      form: task.form,
      assignee: task.assignee,
      dueWithinMs: milliseconds(task.dueWithin),
      remindBeforeMs: milliseconds(task.remindBefore),
    };
  },

  /** Uses up the approval of an `approval` step; false when the database does not have it as approved. */
  async passApproval({
    id,
    digest,
    by,
    at,
  }: {
    id: string;
    digest?: string;
    by: string;
    at: number;
  }): Promise<boolean> {
    const approval = await ports.approvals.find(id);
    if (!approval) return false;
    const how = { digest: digest ?? approval.digest, by, at: new Date(at).toISOString() };
    return ports.approvals.consume(id, how, mayApprove(ports.catalogue, at));
  },
});

const flatOutline = ({ name, retry, timeout, onFailure, undo, ...step }: SingleStep): StepOutline => ({
  name,
  kind: step.kind,
  attempts: retry.attempts,
  everyMs: milliseconds(retry.every),
  timeoutMs: milliseconds(timeout),
  onFailure,
  ...(step.kind === 'task' ? taskTimes(step) : {}),
  ...(step.kind === 'wait' ? { forMs: milliseconds(step.for) } : {}),
  ...(step.kind === 'check' ? { forMs: milliseconds(step.within), checkEveryMs: milliseconds(step.every) } : {}),
  ...(undo ? { undo: { kind: undo.kind, ...(undo.kind === 'task' ? taskTimes(undo) : {}) } } : {}),
});

const taskTimes = ({ dueWithin, remindBefore }: Pick<HumanTask, 'dueWithin' | 'remindBefore'>) => ({
  dueWithinMs: milliseconds(dueWithin),
  remindBeforeMs: milliseconds(remindBefore),
});

const outlineOf = (step: Step): StepOutline =>
  step.kind === 'parallel'
    ? {
        name: step.name,
        kind: 'parallel',
        attempts: 1,
        everyMs: 0,
        timeoutMs: 0,
        onFailure: 'undo',
        steps: step.steps.map(flatOutline),
      }
    : flatOutline(step);

/** A refusal of the domain is how the step ended, not a fault to retry. */
const refusing = (act: () => Promise<StepResult>): Promise<StepResult> =>
  unlessRefused(act, (detail) => ({ outcome: 'failed', detail }));

const perform = async (
  doing: Extract<Undo, { kind: 'http' | 'command' }>,
  { timeoutMs, key, attempt }: { timeoutMs: number; key: string; attempt: number },
  { plan, activity, step }: StepReference,
  ports: Ports,
): Promise<StepResult> => {
  // Each attempt is an effect of its own to us; the receiver sees one key and acts once.
  const row = attempt === 1 ? key : `${key}/attempt-${attempt}`;
  const begun = await ports.outbox.begin(row, plan, doing.kind, { activity, step });
  if (begun.state === 'ended') return resultOf(begun.result);
  // A target of an http step knows the key; a program was told it, but nobody can ask it what it did.
  if (begun.state === 'in-doubt' && doing.kind === 'command' && !doing.repeatable) {
    return { outcome: 'in-doubt', detail: 'the program was started before and how it ended is unknown' };
  }
  const values = placeholderValues(await circumstancesOf(ports, plan), { activity, step });
  const beat = setInterval(() => heartbeat(), 2_000);
  try {
    const execution = { ...ports, key, values, timeoutMs, signal: cancellationSignal() };
    // A step that cannot be filled in has failed; that is its result, kept like any other.
    const result = await unlessRefused<EffectResult, EffectResult>(
      () => (doing.kind === 'http' ? executeHttp(doing, execution) : executeCommand(doing, execution)),
      (detail) => ({ ok: false, detail }),
    );
    const kept = {
      ...result,
      detail: result.detail.slice(0, 1000),
      ...(result.output === undefined ? {} : { output: result.output.slice(0, 16_000) }),
    };
    if (!(await ports.outbox.finish(row, begun.fence, kept)))
      throw new Error(`attempt ${activityInfo().attempt} was overtaken by a later one`);
    return resultOf(kept);
  } finally {
    clearInterval(beat);
  }
};

const resultOf = ({ ok, detail }: EffectResult): StepResult => ({ outcome: ok ? 'done' : 'failed', detail });

const taskIn = (
  content: PlanContent,
  activity: string,
  step: string | undefined,
  purpose: 'run' | 'undo',
  isUndo: boolean,
): HumanTask => {
  if (step === undefined) {
    const task = content.activities.find(({ name }) => name === activity)?.task;
    if (task) return task;
  } else {
    const found = stepIn(content, { activity, step, purpose });
    const task = isUndo ? found.undo : found;
    if (task?.kind === 'task') return task;
  }
  throw new DomainError('not-found', `the plan has no task ${activity}/${step ?? ''}`);
};
