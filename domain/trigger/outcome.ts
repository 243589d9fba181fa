import type { Verdict } from '../inbox.ts';
import { keepable } from '../text.ts';
import type { DeploymentChange } from '../trigger.ts';

/** What one fact came to. */
export type Outcome = { plan: string } | { gap: string } | { evidence: string };

/** Progress, failure and the like are heard by an open plan; they open none. */
export const opensPlans = (change: DeploymentChange): boolean => change === 'deployed' || change === 'rolled-back';

export const evidenceOf = (change: DeploymentChange): Outcome => ({ evidence: `${change}: kept as evidence` });

/** What the facts of one body came to, all together. */
export const judge = (outcomes: readonly Outcome[]): { state: 'gap' | 'delivered'; verdict: Verdict } => {
  const plans = [...new Set(outcomes.flatMap((outcome) => ('plan' in outcome ? [outcome.plan] : [])))];
  const gaps = outcomes.flatMap((outcome) => ('gap' in outcome ? [outcome.gap] : []));
  const evidence = outcomes.flatMap((outcome) => ('evidence' in outcome ? [outcome.evidence] : []));
  const reason = [...new Set([...gaps, ...evidence])].join('; ');
  const verdict: Verdict = {
    ...(plans.length > 0 ? { plans } : {}),
    ...(reason === '' ? {} : { reason: keepable(reason, 1000) }),
  };
  return { state: gaps.length > 0 ? 'gap' : 'delivered', verdict };
};
