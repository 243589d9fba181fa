import { DomainError } from '../errors.ts';
import type { Problem, ProblemInput } from '../problem.ts';

/** Its first state. */
export const open = (input: ProblemInput): Problem => {
  const { timing: _, incidents, ...commission } = input;
  const { openedBy, openedAt: at } = commission;
  return {
    ...commission,
    status: 'new',
    rev: 1,
    incidents: incidents.map((number) => ({ number, by: openedBy.name, at })),
    claims: [],
    actions: [],
    tasks: [],
  };
};

/** Nothing is to happen to it any more: a risk that was accepted is looked at again when that expires. */
export const isOver = (problem: Problem): boolean =>
  problem.status === 'closed' && problem.resolution !== 'risk-accepted';

/** Work on it goes on. */
export const isOpen = ({ status }: Problem): boolean => status !== 'closed';

/** A workflow that goes on in a new run takes its record along, for which Temporal has 2 MiB. */
const mostCharacters = 1_000_000;

/** Refuses what would make the record too large. */
export const fitting = <State extends Problem>(problem: State): State => {
  if (JSON.stringify(problem).length > mostCharacters)
    throw new DomainError('conflict', `problem ${problem.number} is full: keep long texts elsewhere, and link them`);
  return problem;
};

export const notNow = ({ number, status }: Problem, what: string): DomainError =>
  new DomainError('conflict', `problem ${number} is ${status}: ${what}`);

/** What was found out before stays; work begins again with the investigation, or with the assessment where nobody had come so far. */
export const resumed = (problem: Problem): Problem => {
  const { verification: _, ...rest } = problem;
  const { impact, urgency, priority, owner } = problem;
  const base = withoutEnd(rest);
  if (impact === undefined || urgency === undefined || priority === undefined) return { ...base, status: 'new' };
  const assessed = { ...base, impact, urgency, priority };
  return owner === undefined ? { ...assessed, status: 'assessed' } : { ...assessed, owner, status: 'investigating' };
};

type Base = Omit<Extract<Problem, { status: 'new' }>, 'status'>;

const withoutEnd = (problem: Omit<Problem, 'status' | 'verification'> & { status: string }): Base => {
  const {
    status: _,
    resolution: __,
    duplicateOf: ___,
    endedAt: ____,
    outcome: _____,
    ...rest
  } = problem as Omit<Extract<Problem, { status: 'closed' }>, 'verification'>;
  return rest;
};
