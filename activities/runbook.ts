import type { LedgerEntry } from '../domain/audit.ts';
import { milliseconds } from '../domain/duration.ts';
import { fill } from '../domain/catalogue/placeholder.ts';
import { DomainError } from '../domain/errors.ts';
import type { PlanContent } from '../domain/operation-plan/content.ts';
import type { Form, HumanTask, SingleStep, Step } from '../domain/runbook.ts';
import { standingSteps } from '../domain/runbook-run.rules.ts';
import type { RunbookRun, RunEnd, StepOutline } from '../domain/runbook-run.ts';
import type { SavedBy } from '../domain/ports.ts';
import { keepable } from '../domain/text.ts';
import { mayApprove } from './approval/entitled.ts';
import { type StepReference, stepIn } from '../domain/step-authorization.ts';
import { authorizedStep, onlyOwnRecord, onlyPlanOrItsRuns } from './authorization.ts';
import { circumstancesOf, placeholderValues } from './circumstances.ts';
import { perform, refusing, type StepResult } from './effect.ts';
import type { ActivityPorts } from './ports.ts';
import { lookAt } from './probes/index.ts';

/** What a person is asked to do. */
export interface TaskOrder {
  title: string;
  instructions: string;
  form: Form;
  assignee: HumanTask['assignee'];
}

type Ports = Pick<
  ActivityPorts,
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
  async saveRun(record: RunbookRun, team: string, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined> {
    onlyOwnRecord(record, { plan: record.plan, subject: `run/${record.workflowId}` }, entries);
    return ports.runs.save(record, team, entries, by);
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

  /** What still stands of a run that broke off; undefined when nothing of it was written down. */
  async findStanding({ plan, workflowId }: { plan: string; workflowId: string }): Promise<RunEnd['done'] | undefined> {
    const run = (await ports.runs.ofPlan(plan)).find((candidate) => candidate.workflowId === workflowId);
    return run && standingSteps(run);
  },

  /** Runs a step once under its key: a second attempt finds how the first one ended. */
  async runStep({ attempt, ...reference }: StepReference & { attempt: number }): Promise<StepResult> {
    const key = `${reference.workflowId}/${reference.step}/${reference.round}`;
    return refusing(async () => {
      const { step } = await authorizedStep(reference, 'forth', ports);
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
      const { step } = await authorizedStep({ ...reference, round: reference.undoRound }, 'back', ports);
      if (step.undo === undefined || step.undo.kind === 'task')
        throw new DomainError('invalid', `step ${step.name} has no undo to execute`);
      return perform(step.undo, { timeoutMs: milliseconds(step.timeout), key, attempt: 1 }, reference, ports);
    });
  },

  /** Looks at the evidence of a `check` step, once. */
  async checkStep({ at, ...reference }: StepReference & { at: number }): Promise<StepResult> {
    return refusing(async () => {
      const { step } = await authorizedStep(reference, 'forth', ports);
      if (step.kind !== 'check') throw new DomainError('invalid', `step ${step.name} checks nothing`);
      const circumstances = await circumstancesOf(ports, reference.plan);
      const finding = await lookAt(step.evidence, { circumstances, at }, ports);
      return { outcome: finding.result === 'pass' ? 'done' : 'failed', detail: keepable(finding.detail, 1000) };
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
    const { title, instructions } =
      step === undefined
        ? task
        : filled(task, placeholderValues(await circumstancesOf(ports, plan), { activity, step }));
    return {
      title,
      instructions,
      form: task.form,
      assignee: task.assignee,
      dueWithinMs: milliseconds(task.dueWithin),
      remindBeforeMs: milliseconds(task.remindBefore),
    };
  },

  /** Uses up the approval of an `approval` step; false when the database does not have it as approved. */
  async passApproval({ id, by, at }: { id: string; by: string; at: number }): Promise<boolean> {
    const approval = await ports.approvals.find(id);
    if (!approval) return false;
    onlyPlanOrItsRuns(approval.plan);
    const how = { digest: approval.digest, by, at: new Date(at).toISOString() };
    return ports.approvals.consume(id, how, mayApprove(ports.catalogue, at));
  },
});

/** The history of a run has room for some thousands of looks. */
const mostLooks = 2_000;

const flatOutline = ({ name, retry, timeout, onFailure, undo, ...step }: SingleStep): StepOutline => ({
  name,
  kind: step.kind,
  attempts: retry.attempts,
  everyMs: milliseconds(retry.every),
  timeoutMs: milliseconds(timeout),
  onFailure,
  ...(step.kind === 'wait' ? { forMs: milliseconds(step.for) } : {}),
  ...(step.kind === 'check'
    ? {
        forMs: milliseconds(step.within),
        checkEveryMs: Math.max(milliseconds(step.every), milliseconds(step.within) / mostLooks),
      }
    : {}),
  ...(undo ? { undo: { kind: undo.kind } } : {}),
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

/** Of an activity's task this was done when the plan was made; a runbook stands in the plan as it was written. */
const filled = (task: HumanTask, values: Record<string, string>): Pick<HumanTask, 'title' | 'instructions'> => ({
  title: fill(task.title, values),
  instructions: fill(task.instructions, values),
});

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
