import { groupsOf, type HumanTask, type RunbookSpec } from './runbook.ts';

/** The parts of an activity that may assign a task. */
interface Work {
  task?: HumanTask | undefined;
  runbook?: Pick<RunbookSpec, 'steps'> | undefined;
  undo?: Pick<RunbookSpec, 'steps'> | undefined;
}

/** People to whom an activity, a step or an undo assigns a task by name: they execute it. */
export const taskedIn = (activities: readonly Work[]): string[] =>
  activities
    .flatMap(({ task, runbook, undo }) => {
      const steps = [runbook, undo].flatMap((given) => (given ? groupsOf(given.steps).flat() : []));
      return [task, ...steps.flatMap((step) => [step, step.undo])];
    })
    .flatMap((work) => (work && 'assignee' in work && 'person' in work.assignee ? [work.assignee.person] : []));
