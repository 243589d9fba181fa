import { notify, type ProblemContext } from './context.ts';

/** Tells a person that the problem is theirs now. */
export async function tellOwner(context: ProblemContext): Promise<void> {
  const { owner, rev } = context.problem.current;
  context.toldOwner = owner;
  if (owner !== undefined) await notify(context, `assigned/${rev}`, { person: owner }, { reason: 'problem-assigned' });
}
