import type { RunId } from '../domain/id.ts';
import type { LedgerEntry } from '../domain/audit.ts';
import { fill } from '../domain/catalogue/placeholder.ts';
import { milliseconds } from '../domain/duration.ts';
import { DomainError } from '../domain/errors.ts';
import { effectKeyOf, runIdOf, type RunPlace, runWorkflowIdOf, undoEffectKeyOf } from '../domain/identifiers.ts';
import type { SavedBy } from '../domain/ports.ts';
import { groupsOf, type SingleStep } from '../domain/runbook.ts';
import { stepsInEffect } from '../domain/runbook-run.rules.ts';
import type { RunbookRun, RunEnd, StepOutline } from '../domain/runbook-run.ts';
import type { StepReference } from '../domain/run-authorization.ts';
import { keepable } from '../domain/text.ts';
import { authorizedStep, onlyAboutItself, onlyRecord } from './authorization.ts';
import { placeholderValues } from '../domain/circumstances.ts';
import { perform, type StepResult } from './effect.ts';
import type { ActivityPorts } from './ports.ts';
import { lookAt } from './probes/index.ts';
import { kindIn } from './record-kind.ts';
import { type TaskOrder, taskOrderOf } from './task-order.ts';

type Ports = Pick<ActivityPorts, 'kinds' | 'runs' | 'readiness' | 'outbox' | 'egress' | 'secrets' | 'programsFolder'>;

/** What the workflow of a run has to know before it begins. */
export interface AnnouncedRunbook {
  id: RunId;
  workflowId: string;
  runbook: string;
  outline: StepOutline[][];
}

export const createRunbookActivities = (ports: Ports) => ({
  async saveRun(record: RunbookRun, team: string, entries: LedgerEntry[], by: SavedBy): Promise<number | undefined> {
    onlyAboutItself(record, { belongsTo: record.belongsTo, subject: `run/${record.id}` }, entries, by);
    const run = await ports.runs.announced(record.workflowId);
    if (run?.belongsTo !== record.belongsTo || run.id !== record.id)
      throw new DomainError('not-allowed', `${record.workflowId} is no run of ${record.belongsTo}`);
    const lost = await ports.runs.save(record, team, entries, by);
    const { kind, id } = kindIn(ports.kinds, record.belongsTo);
    if (lost === undefined) await kind.heardOfRun(id, entries);
    return lost;
  },

  /**
   * Announces the run of an activity's runbook, or of the runbook that undoes it: from then on its workflow acts for the
   * record. Undefined where the activity has no such runbook.
   */
  async announceRun(
    ask: RunPlace & Pick<StepReference, 'revision' | 'purpose'>,
  ): Promise<AnnouncedRunbook | undefined> {
    const { revision, purpose, ...place } = ask;
    onlyRecord(ports, place.belongsTo);
    const { kind, id: record } = kindIn(ports.kinds, place.belongsTo);
    const runbook = await kind.runbookOf(record, { revision, activity: place.activity, purpose });
    if (!runbook) return undefined;
    const [id, workflowId] = [runIdOf(place), runWorkflowIdOf(kind.workflowIdOf(record), place)];
    await ports.runs.announce({ ...place, id, workflowId });
    const outline = groupsOf(runbook.steps).map((group) => group.map(outlineOf));
    return { id, workflowId, runbook: runbook.name, outline };
  },

  /** Steps of a run that broke off whose effect stands; undefined when nothing of it was written down. */
  async findStepsInEffect(ask: Pick<StepReference, 'belongsTo' | 'workflowId'>): Promise<RunEnd['done'] | undefined> {
    const run = (await ports.runs.of(ask.belongsTo)).find(({ workflowId }) => workflowId === ask.workflowId);
    return run && stepsInEffect(run);
  },

  /** Runs a step once under its key: a second attempt finds how the first one ended. */
  async runStep({ attempt, ...reference }: StepReference & { attempt: number }): Promise<StepResult> {
    const key = effectKeyOf(reference.workflowId, reference.step, reference.round);
    const { step, circumstances, holdNow } = await authorizedStep(reference, 'forth', ports);
    if (step.kind !== 'http' && step.kind !== 'command')
      throw new DomainError('invalid', `a ${step.kind} step is not executed`);
    if (attempt > step.retry.attempts)
      throw new DomainError('not-allowed', `step ${step.name} has ${step.retry.attempts} attempts`);
    const hold = await holdNow?.(attempt);
    if (hold) return { outcome: 'held', detail: hold.why, retryAfterMs: hold.until - reference.at };
    const how = { timeoutMs: milliseconds(step.timeout), key, attempt };
    return perform(step, how, reference, circumstances, ports);
  },

  /** Undoes a step, once for each round of its undo. */
  async undoStep(reference: StepReference & { undoRound: number }): Promise<StepResult> {
    const key = undoEffectKeyOf(reference.workflowId, reference.step, reference.undoRound);
    const asked = { ...reference, round: reference.undoRound };
    const { step, circumstances } = await authorizedStep(asked, 'back', ports);
    if (step.undo === undefined || step.undo.kind === 'task')
      throw new DomainError('invalid', `step ${step.name} has no undo to execute`);
    const how = { timeoutMs: milliseconds(step.timeout), key, attempt: 1 };
    return perform(step.undo, how, reference, circumstances, ports);
  },

  /** Looks at the evidence of a `check` step, once. */
  async checkStep(reference: StepReference): Promise<StepResult> {
    const { step, circumstances } = await authorizedStep(reference, 'forth', ports);
    if (step.kind !== 'check') throw new DomainError('invalid', `step ${step.name} checks nothing`);
    const finding = await lookAt(step.evidence, { circumstances, at: reference.at }, ports);
    return { outcome: finding.result === 'pass' ? 'done' : 'failed', detail: keepable(finding.detail, 1000) };
  },

  /** The task that a step, or its undo, gives to a person. */
  async orderTask(ask: Omit<StepReference, 'round' | 'workflowId' | 'at'> & { isUndo: boolean }): Promise<TaskOrder> {
    const { belongsTo, isUndo, ...place } = ask;
    const { kind, id } = kindIn(ports.kinds, belongsTo);
    const { step, circumstances } = await kind.stepOf(id, place);
    const task = isUndo ? step.undo : step;
    if (task?.kind !== 'task') throw new DomainError('not-found', `there is no task ${place.activity}/${place.step}`);
    // A runbook stands in its record as it was written.
    const values = placeholderValues(circumstances, place);
    return taskOrderOf(task, (text) => fill(text, values));
  },
});

/** The history of a run has room for some thousands of looks. */
const mostLooks = 2_000;

const outlineOf = ({ name, retry, timeout, onFailure, undo, ...step }: SingleStep): StepOutline => {
  const checked =
    step.kind === 'check' ? { every: milliseconds(step.every), within: milliseconds(step.within) } : undefined;
  return {
    name,
    kind: step.kind,
    attempts: retry.attempts,
    everyMs: milliseconds(retry.every),
    // With the time that a program may take to clean up.
    timeoutMs: milliseconds(timeout) + Math.max(graceMsOf(step), graceMsOf(undo)),
    onFailure,
    forMs: step.kind === 'wait' ? milliseconds(step.for) : checked?.within,
    checkEveryMs: checked && Math.max(checked.every, checked.within / mostLooks),
    undo: undo && { kind: undo.kind },
  };
};

const graceMsOf = (doing: { kind: string; grace?: string } | undefined): number =>
  doing?.grace === undefined ? 0 : milliseconds(doing.grace);
