import type { Actor } from '../actor.ts';
import { DomainError } from '../errors.ts';
import type { ActivityStatus, AskOf, Assignment, Command, OperationPlan } from '../operation-plan.ts';
import { deviated, isOver, notNow, unscheduled, withAssignment } from './record.rules.ts';

/** Everybody who was asked for a seat, or has taken it, once each: they execute the plan. */
export const seatedIn = ({ assignments }: Pick<OperationPlan, 'assignments'>): string[] => [
  ...new Set(assignments.flatMap(({ person }) => person ?? [])),
];

/** Whether everybody whom the activity needs has accepted: nothing begins half-staffed. */
export const isStaffed = ({ assignments }: Pick<OperationPlan, 'assignments'>, activity: string): boolean =>
  assignments.every((seat) => seat.activity !== activity || seat.status === 'accepted');

const overWith: ActivityStatus[] = ['done', 'skipped', 'undoing', 'undone', 'undo-failed', 'cancelled'];

const isNeeded = ({ activities }: OperationPlan, { activity }: Assignment): boolean =>
  !activities.some(({ name, status }) => name === activity && overWith.includes(status));

/** Seats that somebody has still to take: an activity that is over needs nobody any more. */
export const seatsToFill = (plan: OperationPlan): Assignment[] =>
  plan.assignments.filter((assignment) => assignment.status !== 'accepted' && isNeeded(plan, assignment));

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
  if ((plan.status !== 'staffing' && plan.status !== 'running') || assignment.status === 'accepted')
    throw notNow(plan, `seat ${seat} cannot be assigned`);
  const named = {
    ...assignment,
    status: 'open' as const,
    person,
    passed: assignment.passed.filter((past) => past.person !== person),
  };
  return deviated(withAssignment(plan, seat, named), `${person} named for ${seat}: ${reason}`);
}

/**
 * Somebody else is to have a seat that was taken, and is asked as usual. Before the start the plan waits until the seat is
 * taken again; once it runs, its activity does if it has not begun.
 */
export function reassign(plan: OperationPlan, { seat, to, reason, by }: Command<AskOf<'reassign'>>): OperationPlan {
  const { person, ...assignment } = seatOf(plan, seat);
  if (isOver(plan) || plan.status === 'undoing' || plan.isCancelling)
    throw notNow(plan, `seat ${seat} cannot be reassigned`);
  if (assignment.status !== 'accepted' || person === undefined)
    throw new DomainError('conflict', `nobody has taken seat ${seat} yet: assign it instead`, 'seat');
  if (!isNeeded(plan, assignment))
    throw new DomainError('conflict', `the work of ${assignment.activity} is over: nobody needs seat ${seat}`, 'seat');
  const held = plan.assignments.find(({ activity, person: other }) => activity === assignment.activity && other === to);
  if (held) throw new DomainError('conflict', `${to} has seat ${held.seat}, or is asked to take it`, 'to');
  const left = { person, how: 'reassigned' as const, reason, to, by: by.name };
  const before = assignment.passed.filter((past) => past.person !== to);
  const next = { ...assignment, status: 'open' as const, person: to, passed: [...before, left] };
  return deviated(
    withAssignment(backToStaffing(plan), seat, next),
    `${to} asked to take ${seat} instead of ${person}, by ${by.name}: ${reason}`,
  );
}

const backToStaffing = (plan: OperationPlan): OperationPlan =>
  plan.status === 'awaiting-approval' || plan.status === 'approved' || plan.status === 'scheduled'
    ? { ...unscheduled(plan), status: 'staffing' }
    : plan;

/** A person is asked to take a seat, until `deadlineAt`. */
export const askFor = (plan: OperationPlan, seat: string, person: string, deadlineAt: string): OperationPlan =>
  withAssignment(plan, seat, { ...seatOf(plan, seat), status: 'asked', person, deadlineAt });

/** Nobody was named in time: people are looked for once more. */
export const reopened = (plan: OperationPlan, seat: string): OperationPlan => {
  const { deadlineAt: _, ...assignment } = seatOf(plan, seat);
  return withAssignment(plan, seat, { ...assignment, status: 'open' });
};

/** Nobody is left to ask; the owner may name somebody until `deadlineAt`. */
export const exhausted = (plan: OperationPlan, seat: string, deadlineAt: string): OperationPlan =>
  withAssignment(plan, seat, { ...seatOf(plan, seat), status: 'exhausted', deadlineAt });
