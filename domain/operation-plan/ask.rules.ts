import { DomainError } from '../errors.ts';
import type { TaskId } from '../id.ts';
import type { Task } from '../task.ts';
import type { AskOf, Command, OperationPlan, PlanActivity } from '../operation-plan.ts';
import { close, complete, movesOf, reassign } from '../task.rules.ts';
import {
  checkOf,
  deviated,
  end,
  gapActivityOf,
  isExecuting,
  isOver,
  notNow,
  unscheduled,
  withActivity,
  withTask,
} from './record.rules.ts';

/** Nothing new starts until the plan is resumed; what runs is finished first. */
export function pause(plan: OperationPlan, { reason, at }: Command<AskOf<'pause'>>): OperationPlan {
  if (isOver(plan) || plan.paused) throw notNow(plan, 'it cannot be paused');
  return deviated({ ...plan, paused: true, pausedAt: at }, `paused: ${reason}`);
}

export function resume(plan: OperationPlan, { reason }: Command<AskOf<'resume'>>): OperationPlan {
  if (!plan.paused) throw notNow(plan, 'there is nothing to resume');
  return deviated({ ...plan, paused: false }, `resumed: ${reason}`);
}

/** Before the start the plan ends at once; after it, what was done is undone first. */
export function cancel(plan: OperationPlan, { reason, at }: Command<AskOf<'cancel'>>): OperationPlan {
  if (isOver(plan) || plan.isCancelling) throw notNow(plan, 'it cannot be cancelled');
  if (isExecuting(plan)) return deviated({ ...plan, isCancelling: true, paused: false }, `cancelled: ${reason}`);
  return end(plan, 'cancelled', reason, at);
}

/** Asks for another look at the evidence; where changes were asked for and none are needed, people are asked again. */
export function reassess(plan: OperationPlan): OperationPlan {
  const isToBeAsked = plan.status === 'awaiting-approval' && plan.approval?.status === 'changes-requested';
  if (plan.status !== 'assessed' && plan.status !== 'staffing' && !isToBeAsked)
    throw notNow(plan, 'its readiness is not looked at now');
  // Whoever was asked goes on being asked; a seat that nobody took is looked for once more.
  const assignments = plan.assignments.map((seat) => {
    const { deadlineAt: _, ...rest } = seat;
    return seat.status === 'exhausted' ? { ...rest, status: 'open' as const } : seat;
  });
  return { ...plan, status: 'draft', ...(plan.status === 'staffing' ? { assignments } : {}) };
}

/** A material edit: the plan is made anew without these activities, and earlier approvals are void. */
export function amend(plan: OperationPlan, { drop, reason }: Command<AskOf<'amend'>>): OperationPlan {
  if (isOver(plan) || isExecuting(plan) || plan.status === 'draft') throw notNow(plan, 'it cannot be amended');
  const stranger = drop.find((name) => !plan.activities.some((activity) => activity.name === name));
  if (stranger !== undefined) {
    const names = plan.activities.map(({ name }) => name).join(', ');
    const known = names === '' ? 'it is not planned yet' : `it has ${names}`;
    throw new DomainError('invalid', `the plan has no activity ${stranger}: ${known}`, 'drop');
  }
  refuseToDropGate(plan, drop);
  const dropped = [...new Set([...plan.dropped, ...drop])];
  if (plan.activities.every(({ name }) => dropped.includes(name))) {
    throw new DomainError('invalid', 'a plan without activities is no plan: cancel it instead', 'drop');
  }
  return deviated(
    { ...unscheduled(plan), status: 'assessed', dropped },
    `amended without ${drop.join(', ')}: ${reason}`,
  );
}

const activityOf = (plan: OperationPlan, name: string): PlanActivity => {
  const activity = plan.activities.find((candidate) => candidate.name === name);
  if (!activity) throw new DomainError('not-found', `plan ${plan.id} has no activity ${name}`, 'activity');
  return activity;
};

/** Lets a failed task, or an undo that failed, be tried again. */
export function retry(plan: OperationPlan, { activity: name, reason, by }: Command<AskOf<'retry'>>): OperationPlan {
  const activity = activityOf(plan, name);
  refuseBeforeUndo(plan, activity);
  if (activity.status === 'undo-failed' && !activity.hasUndo)
    throw new DomainError('conflict', `nothing undoes ${name}: look at what it left, and skip it`, 'activity');
  const next = activity.status === 'failed' ? 'planned' : activity.status === 'undo-failed' ? 'done' : undefined;
  if (!isExecuting(plan) || !next)
    throw new DomainError('conflict', `activity ${name} is ${activity.status}: nothing to retry`);
  return deviated(
    withActivity(plan, name, { status: next, round: activity.round + 1 }),
    `retried ${name}, by ${by.name}: ${reason}`,
  );
}

/**
 * Goes on without an activity that has not begun or has failed; an undo that failed is accepted as it is. What people
 * approve is what is carried out: before the start an activity is left out by a plan that is asked about anew, and after it
 * none that asks for an approval of its own.
 */
export function skip(plan: OperationPlan, { activity: name, reason, by, at }: Command<AskOf<'skip'>>): OperationPlan {
  if (!isExecuting(plan) && !isOver(plan)) throw notNow(plan, 'nothing is skipped yet: amend it without the activity');
  const activity = activityOf(plan, name);
  refuseBeforeUndo(plan, activity);
  if (activity.asksApproval && (activity.status === 'planned' || activity.status === 'waiting'))
    throw new DomainError('not-allowed', `activity ${name} asks for an approval and cannot be skipped`, 'activity');
  const mayBeSkipped =
    ['planned', 'waiting', 'failed', 'undo-failed'].includes(activity.status) || hasOpenTask(plan, name);
  if (isOver(plan) || !mayBeSkipped)
    throw new DomainError('conflict', `activity ${name} is ${activity.status}: it cannot be skipped`);
  const skipped = withActivity(plan, name, { status: 'skipped', detail: reason, endedAt: at });
  const tasks = skipped.tasks.map((task) =>
    task.place.activity === name && task.status === 'open' ? close(task, 'skipped', by, at) : task,
  );
  return deviated({ ...skipped, tasks }, `skipped ${name}, by ${by.name}: ${reason}`);
}

const hasOpenTask = (plan: OperationPlan, activity: string): boolean =>
  plan.tasks.some((task) => task.place.activity === activity && task.status === 'open');

const mostUnsent = 10;

/** The status report that was due; with one that is not sent yet it is one report. The last one is the completion report. */
export function reportStatus(plan: OperationPlan, { command }: Command<AskOf<'report-status'>>): OperationPlan {
  if (isOver(plan)) throw notNow(plan, 'its completion report is its last');
  if (!isExecuting(plan) || !plan.statusReport)
    throw notNow(plan, 'no status report is due; a template asks for them with statusReportEvery');
  const { unsent = [] } = plan.statusReport;
  if (unsent.length >= mostUnsent)
    throw new DomainError('conflict', `the reports of plan ${plan.id} before this one are not sent yet: try again`);
  return { ...plan, statusReport: { ...plan.statusReport, unsent: [...unsent, command], chased: 0 } };
}

const taskOf = (plan: OperationPlan, id: TaskId): Task => {
  const task = plan.tasks.find((candidate) => candidate.id === id);
  if (!task) throw new DomainError('not-found', `plan ${plan.id} has no task ${id}`);
  return task;
};

export const completeTask = (plan: OperationPlan, ask: Command<AskOf<'complete-task'>>): OperationPlan =>
  withTask(plan, complete(taskOf(plan, ask.task), ask));

/** Another person is to do a task of the plan. */
export function reassignTask(plan: OperationPlan, ask: Command<AskOf<'reassign-task'>>): OperationPlan {
  const task = reassign(taskOf(plan, ask.task), ask);
  return deviated(withTask(plan, task), movesOf(task).at(-1)!);
}

/** An undo that failed is decided on when it is its turn: until then the plan has to stop for it, and does. */
const refuseBeforeUndo = (plan: OperationPlan, { name, status }: PlanActivity): void => {
  if (status === 'undo-failed' && plan.status !== 'undoing')
    throw notNow(plan, `the undo of ${name} is decided on once the rest is undone`);
};

/** What closes a gap that stands in the way is not dropped: the check is waived, by somebody else, or the gap is closed. */
const refuseToDropGate = ({ readiness }: OperationPlan, drop: readonly string[]): void => {
  const blockers = readiness?.blockers.map(checkOf) ?? [];
  const gate = blockers.find((check) => drop.includes(gapActivityOf(check)));
  if (gate !== undefined)
    throw new DomainError(
      'not-allowed',
      `${gapActivityOf(gate)} closes the blocker ${gate}: ask for a waiver instead`,
      'drop',
    );
};
