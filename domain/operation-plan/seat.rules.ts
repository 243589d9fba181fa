import type { Actor } from '../actor.ts';
import { DomainError } from '../errors.ts';
import type { AskOf, Assignment, Command, OperationPlan } from '../operation-plan.ts';
import { deviated, notNow, withAssignment } from './record.rules.ts';

/** Everybody who was asked for a seat, or has taken it, once each: they execute the plan. */
export const seatedIn = ({ assignments }: Pick<OperationPlan, 'assignments'>): string[] => [
  ...new Set(assignments.flatMap(({ person }) => person ?? [])),
];

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
    throw notNow(plan, `seat ${seat} cannot be assigned`);
  const named = {
    ...assignment,
    status: 'open' as const,
    person,
    passed: assignment.passed.filter((past) => past.person !== person),
  };
  return deviated(withAssignment(plan, seat, named), `${person} named for ${seat}: ${reason}`);
}

/** A person is asked to take a seat, until `deadlineAt`. */
export const askFor = (plan: OperationPlan, seat: string, person: string, deadlineAt: string): OperationPlan =>
  withAssignment(plan, seat, { ...seatOf(plan, seat), status: 'asked', person, deadlineAt });

/** Nobody is left to ask; the owner may name somebody until `deadlineAt`. */
export const exhausted = (plan: OperationPlan, seat: string, deadlineAt: string): OperationPlan =>
  withAssignment(plan, seat, { ...seatOf(plan, seat), status: 'exhausted', deadlineAt });
