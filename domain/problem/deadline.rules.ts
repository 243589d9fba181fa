import type { Problem, Risk } from '../problem.ts';

const dayMs = 86_400_000;

/** What is to happen to a problem when its time has come, unless something else happens first. */
export type ProblemDeadline = { at: number } & (
  | { what: 'judge' | 'risk-expiring' | 'risk-expired' }
  | { what: 'chase'; action: number }
);

/** Days before a risk expires at which whoever answers for it is reminded. */
const remindBeforeDays = [30, 7, 1];

/** How many reminders of the end of a risk would have come by then. */
export const remindersUntil = ({ until }: Pick<Risk, 'until'>, at: string): number =>
  remindBeforeDays.filter((days) => Date.parse(until) - days * dayMs <= Date.parse(at)).length;

/** The next thing that time does to the problem; undefined where it waits for people alone. */
export const nextProblemDeadline = (problem: Problem): ProblemDeadline | undefined =>
  deadlinesOf(problem).reduce<ProblemDeadline | undefined>(
    (first, next) => (first && first.at <= next.at ? first : next),
    undefined,
  );

const deadlinesOf = (problem: Problem): ProblemDeadline[] => [
  ...judging(problem),
  ...riskOf(problem),
  ...chasing(problem),
];

const judging = ({ status, verification }: Problem): ProblemDeadline[] =>
  status === 'verifying' && verification?.until !== undefined
    ? [{ what: 'judge', at: Date.parse(verification.until) }]
    : [];

const riskOf = ({ risk }: Problem): ProblemDeadline[] => {
  if (risk?.status !== 'accepted') return [];
  const end = Date.parse(risk.until);
  const days = remindBeforeDays[risk.chased];
  return [
    { what: 'risk-expired', at: end },
    ...(days === undefined ? [] : [{ what: 'risk-expiring' as const, at: end - days * dayMs }]),
  ];
};

/** An action is chased from the morning of the day on which it is due, and then once a week. */
const chasing = ({ status, actions }: Problem): ProblemDeadline[] =>
  status === 'closed'
    ? []
    : actions.flatMap(({ number, status: stands, dueOn, chased }) =>
        stands === 'open' || stands === 'in-progress'
          ? [{ what: 'chase' as const, action: number, at: Date.parse(`${dueOn}T09:00:00Z`) + chased * 7 * dayMs }]
          : [],
      );

/** Somebody was reminded of an action that is due. */
export const chased = (problem: Problem, number: number): Problem => ({
  ...problem,
  actions: problem.actions.map((action) =>
    action.number === number ? { ...action, chased: action.chased + 1 } : action,
  ),
});
