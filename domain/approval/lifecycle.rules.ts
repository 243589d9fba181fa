import type { Approval } from '../approval.ts';
import { conflictOf, type Joined, openStage, stageOf, withJoined } from './stage.rules.ts';

/** Who may decide now: by stage, and whom escalation adds. */
export interface Entitled {
  stages: readonly (readonly string[])[];
  escalated: readonly string[];
  joined: Joined;
}

/**
 * Looks at the people again: votes do not count any more of those who have lost their role, nor of those who have come to
 * execute what they approved, or turn out to have triggered it.
 */
export const isStillCarried = (approval: Approval, entitled: Entitled): boolean => {
  const { policy, stages, votes, escalated } = approval;
  const parties = withJoined(approval, entitled.joined);
  return policy.stages.every((policyStage, index) => {
    const hasNoPart = (person: string): boolean => conflictOf(parties, policyStage, person) === undefined;
    const may = [...(entitled.stages[index] ?? []), ...(escalated ? entitled.escalated : [])];
    const carrying = votes.filter(
      ({ stage, decision, seat, voter }) =>
        stage === index && decision === 'approve' && may.includes(seat) && hasNoPart(seat) && hasNoPart(voter),
    );
    return new Set(carrying.map(({ voter }) => voter)).size >= (stages[index]?.needed ?? Number.POSITIVE_INFINITY);
  });
};

/** Asks more people and moves the deadline; what was needed stays needed. */
export const escalate = (approval: Approval, people: readonly string[], deadlineAt: string): Approval => {
  const stage = stageOf(approval);
  const added = openStage(approval, approval.stage, [...stage.eligible, ...people]).eligible;
  const stages = approval.stages.with(approval.stage, { ...stage, eligible: added });
  return { ...approval, stages, escalated: true, deadlineAt };
};

/** Time is up and nobody is left to ask: silence is never approval. */
export const expire = (approval: Approval, at: string): Approval =>
  approval.status === 'open' ? { ...approval, status: 'expired', decidedAt: at } : approval;

/** The subject changed or is gone: what was decided about it is void, unless it has been used already. */
export const withdraw = (approval: Approval, status: 'superseded' | 'cancelled', at: string): Approval =>
  approval.status === 'open' || approval.status === 'approved' ? { ...approval, status, decidedAt: at } : approval;
