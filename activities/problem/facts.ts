import type { Problem } from '../../domain/problem.ts';
import { outcomeOf } from '../../domain/problem/verification.rules.ts';

/** How a problem stands: what it is about, who answers for it, and what is known of its fix. */
export const factLines = (problem: Problem): string[] => {
  const { status, priority, service, environment, owner, incidents, actions, verification, risk } = problem;
  const place = [service, ...(environment === undefined ? [] : [`in ${environment}`])].join(' ');
  const due = actions.filter(({ status: stands }) => stands === 'open' || stands === 'in-progress');
  return [
    [
      status,
      ...(priority === undefined ? [] : [`priority ${priority}`]),
      ...(service === undefined ? [] : [place]),
    ].join(', '),
    owner === undefined ? 'Nobody answers for it' : `${owner} answers for it`,
    `Incidents: ${incidents.length}`,
    ...due.map(({ number, text, owner: doer, dueOn }) => `Action ${number}, of ${doer}, due ${dueOn}: ${text}`),
    ...(verification?.last ? [`${verification.last.verdict}: ${outcomeOf(verification.last)}`] : []),
    ...(status === 'verifying' && verification?.until !== undefined ? [`Judged next at ${verification.until}`] : []),
    ...(risk?.status === 'accepted' ? [`Its risk is accepted until ${risk.until}`] : []),
  ];
};
