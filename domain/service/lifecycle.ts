import { z } from 'zod';
import type { PlanStatus } from '../operation-plan.ts';
import type { TransitionKind } from '../trigger/transition.ts';

/** Where a service is in its life; plans of transitions move it. */
export const LifecycleStage = z.enum(['proposed', 'in-transition', 'live', 'hypercare', 'retiring']);
export type LifecycleStage = z.infer<typeof LifecycleStage>;

/** A transition of a service, as its plan stands. */
export interface TransitionPlan {
  plan: string;
  kind: TransitionKind;
  status: PlanStatus;
  isInHypercare: boolean;
  openedAt: string;
  /** When the plan began its work, and when it ended. */
  startedAt: string | null;
  closedAt: string | null;
}

/** The stage, since when, and by which plan; since ever where no plan has moved it. */
export interface Lifecycle {
  stage: LifecycleStage;
  since?: string;
  plan?: string;
}

/**
 * The stage to which transitions, the oldest first, have moved a service that began in another. One that comes to nothing leaves it
 * where it was.
 */
export const lifecycleOf = (begun: LifecycleStage, transitions: readonly TransitionPlan[]): Lifecycle =>
  transitions.reduce<Lifecycle>(
    (before, transition) => {
      const stage = transition.kind === 'retirement' ? retirement(transition) : passage(transition);
      if (stage === undefined) return before;
      const { plan, openedAt, startedAt, closedAt } = transition;
      const since = stage === 'live' ? closedAt : stage === 'in-transition' ? openedAt : startedAt;
      return { stage, plan, ...(since === null ? {} : { since }) };
    },
    { stage: begun },
  );

/** A go-live or a hand-over. */
const passage = ({ status, isInHypercare }: TransitionPlan): LifecycleStage | undefined => {
  switch (status) {
    case 'completed':
      return 'live';
    case 'failed':
    case 'rejected':
    case 'cancelled':
    case 'undone':
      return undefined;
    case 'draft':
    case 'assessed':
    case 'staffing':
    case 'awaiting-approval':
    case 'approved':
    case 'scheduled':
    case 'running':
    case 'undoing':
      return isInHypercare ? 'hypercare' : 'in-transition';
  }
};

/** What is retired goes on serving until the work begins. */
const retirement = ({ status }: TransitionPlan): LifecycleStage | undefined =>
  status === 'running' || status === 'completed' ? 'retiring' : undefined;
