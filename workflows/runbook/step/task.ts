import type { StepResult } from '../../../activities/effect.ts';
import { taskIdOf } from '../../../domain/identifiers.ts';
import { withTask } from '../../../domain/runbook-run.rules.ts';
import { awaitTask } from '../../task.ts';
import { now } from '../../time.ts';
import { isOff, purposeOf, type Run, stepOf } from '../run.ts';

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
    saved: record.saved,
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
