import { notify, type ProblemContext } from './context.ts';

/** Tells a person that the problem is theirs now. */
export async function tellOwner(context: ProblemContext): Promise<void> {
  const { owner, rev } = context.problem.current;
  context.toldOwner = owner;
  if (owner !== undefined) await notify(context, `assigned/${rev}`, { person: owner }, { reason: 'problem-assigned' });
}

/** Tells whoever works on an incident of its known error what helps. */
export async function tellIncidents(context: ProblemContext): Promise<void> {
  const { problem, stored } = context;
  const { number, knownError } = problem.current;
  context.toldVersion = knownError?.version ?? 0;
  await problem.settle(stored.informIncidents({ number }));
}
