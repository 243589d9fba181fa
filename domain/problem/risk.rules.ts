import type { ApprovalId } from '../id.ts';
import type { Problem, ProblemIn, Risk } from '../problem.ts';
import { closed } from './ask.rules.ts';
import { remindersUntil } from './deadline.rules.ts';
import { resumed } from './record.rules.ts';

/** The risk that somebody asks to live with, and has not been answered. */
export const askedRisk = ({ status, risk }: Problem): Risk | undefined =>
  status !== 'closed' && risk?.status === 'asked' ? risk : undefined;

/** Somebody is asked. */
export const riskPut = (problem: Problem, risk: Risk, approval: ApprovalId): Problem => ({
  ...problem,
  risk: { ...risk, approval },
});

/** Somebody has agreed to live with it for so long: it is closed until then. */
export const riskAccepted = (problem: Problem, risk: Risk, at: string): ProblemIn<'closed'> =>
  closed(
    // What would have come before is not made up for.
    withoutVerification({ ...problem, risk: { ...risk, status: 'accepted', chased: remindersUntil(risk, at) } }),
    { resolution: 'risk-accepted', outcome: `accepted until ${risk.until}: ${risk.reason}`, at },
  );

/** Nobody waits for numbers any more. */
const withoutVerification = (problem: Problem): Problem => {
  const { verification: _, ...rest } = problem;
  return rest as Problem;
};

/** Nobody agrees: work on it goes on. */
export const riskRefused = (problem: Problem, risk: Risk): Problem => ({
  ...problem,
  risk: { ...risk, status: 'refused' },
});

/** Nobody has agreed to live with it any longer. */
export const riskExpired = (problem: Problem): Problem => {
  const { risk } = problem;
  return resumed(risk ? { ...problem, risk: { ...risk, status: 'expired' } } : problem);
};

/** Somebody was reminded that it expires. */
export const riskChased = (problem: Problem): Problem =>
  problem.risk ? { ...problem, risk: { ...problem.risk, chased: problem.risk.chased + 1 } } : problem;
