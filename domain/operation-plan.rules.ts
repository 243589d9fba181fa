import type { Actor } from './actor.ts';
import { DomainError } from './errors.ts';
import type {
  AskOf,
  Assignment,
  Command,
  OperationPlan,
  PlanActivity,
  PlanOpening,
  PlanStatus,
} from './operation-plan.ts';
import { close, complete } from './task.rules.ts';
import type { Task } from './task.ts';

const ended: readonly PlanStatus[] = ['completed', 'undone', 'failed', 'rejected', 'cancelled'];
const executing: readonly PlanStatus[] = ['running', 'undoing'];

export const isOver = ({ status }: Pick<OperationPlan, 'status'>): boolean => ended.includes(status);
export const isExecuting = ({ status }: Pick<OperationPlan, 'status'>): boolean => executing.includes(status);

/** The draft that a trigger opens. */
export const open = ({
  id,
  workflowId,
  service,
  environment,
  team,
  trigger,
  template,
  ...opening
}: PlanOpening): OperationPlan => ({
  id,
  workflowId,
  service,
  environment,
  team,
  trigger,
  template,
  catalogueRevision: opening.catalogueRevision,
  status: 'draft',
  rev: 1,
  paused: false,
  isCancelling: false,
  openedAt: opening.at,
  revision: 0,
  dropped: [],
  activities: [],
  criticalPath: [],
  criticalPathMs: 0,
  needMs: 0,
  assignments: [],
  tasks: [],
  deviations: [],
  isGateOpen: false,
  hasWindow: false,
});

const refuse = (plan: OperationPlan, wish: string): DomainError =>
  new DomainError('conflict', `plan ${plan.id} is ${plan.paused ? 'paused' : plan.status}, so ${wish}`);

/** Nothing new starts until the plan is resumed; what runs is finished first. */
export function pause(plan: OperationPlan, { reason, at }: Command<AskOf<'pause'>>): OperationPlan {
  if (isOver(plan) || plan.paused) throw refuse(plan, 'it cannot be paused');
  return deviated({ ...plan, paused: true, pausedAt: at }, `paused: ${reason}`);
}

export function resume(plan: OperationPlan, { reason }: Command<AskOf<'resume'>>): OperationPlan {
  if (!plan.paused) throw refuse(plan, 'there is nothing to resume');
  return deviated({ ...plan, paused: false }, `resumed: ${reason}`);
}

/** Before the start the plan ends at once; after it, what was done is undone first. */
export function cancel(plan: OperationPlan, { reason, at }: Command<AskOf<'cancel'>>): OperationPlan {
  if (isOver(plan) || plan.isCancelling) throw refuse(plan, 'it cannot be cancelled');
  if (isExecuting(plan)) return deviated({ ...plan, isCancelling: true, paused: false }, `cancelled: ${reason}`);
  return end(plan, 'cancelled', reason, at);
}

/** Asks for another look at the evidence. */
export function reassess(plan: OperationPlan): OperationPlan {
  if (plan.status !== 'assessed') throw refuse(plan, 'its readiness is not waited for');
  return { ...plan, status: 'draft' };
}

/** A material edit: the plan is made anew without these activities, and earlier approvals are void. */
export function amend(plan: OperationPlan, { drop, reason }: Command<AskOf<'amend'>>): OperationPlan {
  if (isOver(plan) || isExecuting(plan) || plan.status === 'draft') throw refuse(plan, 'it cannot be amended');
  const stranger = drop.find((name) => !plan.activities.some((activity) => activity.name === name));
  if (stranger !== undefined) {
    const names = plan.activities.map(({ name }) => name).join(', ');
    const known = names === '' ? 'it is not planned yet' : `it has ${names}`;
    throw new DomainError('invalid', `the plan has no activity ${stranger}: ${known}`, 'drop');
  }
  const dropped = [...new Set([...plan.dropped, ...drop])];
  if (plan.activities.every(({ name }) => dropped.includes(name))) {
    throw new DomainError('invalid', 'a plan without activities is no plan: cancel it instead', 'drop');
  }
  return deviated({ ...plan, status: 'assessed', dropped }, `amended without ${drop.join(', ')}: ${reason}`);
}

const activityOf = (plan: OperationPlan, name: string): PlanActivity => {
  const activity = plan.activities.find((candidate) => candidate.name === name);
  if (!activity) throw new DomainError('not-found', `plan ${plan.id} has no activity ${name}`, 'activity');
  return activity;
};

/** Lets a failed task, or an undo that failed, be tried again. */
export function retry(plan: OperationPlan, { activity: name, reason }: Command<AskOf<'retry'>>): OperationPlan {
  const activity = activityOf(plan, name);
  const next = activity.status === 'failed' ? 'planned' : activity.status === 'undo-failed' ? 'done' : undefined;
  if (!isExecuting(plan) || !next)
    throw new DomainError('conflict', `activity ${name} is ${activity.status}: nothing to retry`);
  return deviated(withActivity(plan, name, { status: next, round: activity.round + 1 }), `retried ${name}: ${reason}`);
}

/** Goes on without an activity that has not begun or has failed; an undo that failed is accepted as it is. */
export function skip(plan: OperationPlan, { activity: name, reason, by, at }: Command<AskOf<'skip'>>): OperationPlan {
  const activity = activityOf(plan, name);
  const mayBeSkipped =
    ['planned', 'waiting', 'failed', 'undo-failed'].includes(activity.status) || hasOpenTask(plan, name);
  if (isOver(plan) || !mayBeSkipped)
    throw new DomainError('conflict', `activity ${name} is ${activity.status}: it cannot be skipped`);
  const skipped = withActivity(plan, name, { status: 'skipped', detail: reason, endedAt: at });
  const tasks = skipped.tasks.map((task) =>
    task.activity === name && task.status === 'open' ? close(task, 'skipped', by, at) : task,
  );
  return deviated({ ...skipped, tasks }, `skipped ${name}: ${reason}`);
}

const hasOpenTask = (plan: OperationPlan, activity: string): boolean =>
  plan.tasks.some((task) => task.activity === activity && task.status === 'open');

const seatOf = (plan: OperationPlan, seat: string): Assignment => {
  const assignment = plan.assignments.find((candidate) => candidate.seat === seat);
  if (!assignment) throw new DomainError('not-found', `plan ${plan.id} has no seat ${seat}`, 'seat');
  return assignment;
};

const asked = (plan: OperationPlan, seat: string, by: Actor): Assignment => {
  const assignment = seatOf(plan, seat);
  if (assignment.status !== 'asked') {
    const stands =
      assignment.status === 'accepted' ? `was accepted by ${assignment.person}` : `is ${assignment.status}`;
    throw new DomainError('conflict', `seat ${seat} ${stands}: nobody is asked for it now`);
  }
  if (by.type !== 'person' || by.name !== assignment.person) {
    throw new DomainError('not-allowed', `${assignment.person} was asked to take seat ${seat}, not ${by.name}`);
  }
  return assignment;
};

/** The person who was asked takes the seat. */
export function accept(plan: OperationPlan, { seat, by }: Command<AskOf<'accept'>>): OperationPlan {
  const { deadlineAt: _, ...assignment } = asked(plan, seat, by);
  return withAssignment(plan, seat, { ...assignment, status: 'accepted' });
}

/** The person who was asked does not take the seat; somebody else is asked. */
export function decline(plan: OperationPlan, { seat, by, reason }: Command<AskOf<'decline'>>): OperationPlan {
  return passed(plan, asked(plan, seat, by), 'declined', reason);
}

/** Time to answer is up. Says nothing when somebody answered meanwhile. */
export const unanswered = (plan: OperationPlan, seat: string): OperationPlan => {
  const assignment = plan.assignments.find((candidate) => candidate.seat === seat);
  return assignment?.status === 'asked' ? passed(plan, assignment, 'no-answer', 'the time to answer is up') : plan;
};

const passed = (
  plan: OperationPlan,
  assignment: Assignment,
  how: 'declined' | 'no-answer',
  reason: string,
): OperationPlan => {
  const { person, deadlineAt: _, ...rest } = assignment;
  const next = { ...rest, status: 'open' as const, passed: [...rest.passed, { person: person!, how, reason }] };
  return deviated(
    withAssignment(plan, assignment.seat, next),
    `${person} ${how === 'declined' ? 'declined' : 'did not answer for'} ${assignment.seat}`,
  );
};

/** The owner names who shall take a seat that nobody accepted; that person is asked as usual. */
export function assign(plan: OperationPlan, { seat, person, reason }: Command<AskOf<'assign'>>): OperationPlan {
  const { deadlineAt: _, ...assignment } = seatOf(plan, seat);
  if (plan.status !== 'staffing' || assignment.status === 'accepted')
    throw refuse(plan, `seat ${seat} cannot be assigned`);
  const named = {
    ...assignment,
    status: 'open' as const,
    person,
    passed: assignment.passed.filter((past) => past.person !== person),
  };
  return deviated(withAssignment(plan, seat, named), `${person} named for ${seat}: ${reason}`);
}

/** The status report that was due. */
export function reportStatus(plan: OperationPlan, { text }: Command<AskOf<'report-status'>>): OperationPlan {
  if (!plan.statusReport)
    throw refuse(plan, 'no status report is due; a template asks for them with statusReportEvery');
  return { ...plan, statusReport: { ...plan.statusReport, unsent: text, chased: 0 } };
}

export function completeTask(plan: OperationPlan, ask: Command<AskOf<'complete-task'>>): OperationPlan {
  const task = plan.tasks.find(({ id }) => id === ask.task);
  if (!task) throw new DomainError('not-found', `plan ${plan.id} has no task ${ask.task}`);
  return withTask(plan, complete(task, ask));
}

export const withTask = (plan: OperationPlan, task: Task): OperationPlan => ({
  ...plan,
  tasks: [...plan.tasks.filter(({ id }) => id !== task.id), task],
});

export const withActivity = (plan: OperationPlan, name: string, change: Partial<PlanActivity>): OperationPlan => ({
  ...plan,
  activities: plan.activities.map((activity) => (activity.name === name ? { ...activity, ...change } : activity)),
});

export const withAssignment = (plan: OperationPlan, seat: string, assignment: Assignment): OperationPlan => ({
  ...plan,
  assignments: plan.assignments.map((candidate) => (candidate.seat === seat ? assignment : candidate)),
});

export const deviated = (plan: OperationPlan, deviation: string): OperationPlan => ({
  ...plan,
  // A plan that lives for weeks keeps its latest deviations; the ledger has all of them.
  deviations: [...plan.deviations.slice(-99), deviation],
});

export const end = (
  plan: OperationPlan,
  status: 'completed' | 'undone' | 'failed' | 'rejected' | 'cancelled',
  outcome: string,
  at: string,
): OperationPlan => (isOver(plan) ? plan : { ...plan, status, outcome, endedAt: at, paused: false });
