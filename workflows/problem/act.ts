import type { Problem } from '../../domain/problem.ts';
import { chased, type ProblemDeadline } from '../../domain/problem/deadline.rules.ts';
import { riskChased, riskExpired } from '../../domain/problem/risk.rules.ts';
import { counted, hasRecurred, judged, outcomeOf } from '../../domain/problem/verification.rules.ts';
import { notify, ownerOf, type ProblemContext } from './context.ts';

/** Does what is due. */
export async function act(context: ProblemContext, due: ProblemDeadline): Promise<void> {
  const { problem } = context;
  const { current } = problem;
  switch (due.what) {
    case 'judge':
      return judge(context);
    case 'chase': {
      const action = current.actions.find(({ number }) => number === due.action);
      if (!action) return;
      const { owner, text } = action;
      const { rev } = problem.apply(chased(current, due.action), {
        action: 'problem.action-chased',
        detail: { action: due.action, owner, text },
      });
      return notify(context, `action-due/${rev}`, { person: owner }, { reason: 'problem-action-due' });
    }
    case 'risk-expiring': {
      const { rev } = problem.apply(riskChased(current), {
        action: 'problem.risk-chased',
        detail: { until: current.risk?.until },
      });
      return notify(context, `risk-expiring/${rev}`, ownerOf(current), { reason: 'problem-risk-expiring' });
    }
    case 'risk-expired': {
      const { rev } = problem.apply(riskExpired(current), { action: 'problem.risk-expired' });
      return notify(context, `risk-expired/${rev}`, ownerOf(current), { reason: 'problem-risk-expired' });
    }
  }
}

/** Its fix is in place, and nobody has counted how often it came before. */
export const isToBeCounted = ({ status, verification }: Problem): boolean =>
  status === 'verifying' && verification?.until === undefined;

/** Counts how often it came before its fix and since, and takes what that shows. */
export async function judge(context: ProblemContext): Promise<void> {
  const { problem, stored } = context;
  const { number, verification } = problem.current;
  if (problem.current.status !== 'verifying' || !verification) return;
  const { since } = verification;
  const found = await problem.settle(stored.judgeFix({ number, since, at: Date.now() }));
  const { current } = problem;
  // Somebody may have closed it meanwhile, or begun anew.
  if (current.status !== 'verifying' || current.verification.since !== since) return;
  if (isToBeCounted(current)) {
    const next = problem.apply(counted(current, found.before), {
      action: 'problem.counted',
      detail: { ...found.before },
    });
    if (!hasRecurred(next)) return;
  }
  if (problem.current.status !== 'verifying') return;
  const verdict = hasRecurred(problem.current) ? { ...found, verdict: 'not-effective' as const } : found;
  const { rev } = problem.apply(judged(problem.current, verdict), {
    action: 'problem.judged',
    reason: outcomeOf(verdict),
    detail: { ...verdict },
  });
  await notify(context, `judged/${rev}`, ownerOf(current), { reason: 'problem-judged' });
}
