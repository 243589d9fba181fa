import type { Approval } from '../approval.ts';
import { openStage, stageOf } from './stage.rules.ts';

/** Who may decide now: by stage, and whom escalation adds. */
export interface Entitled {
  stages: readonly (readonly string[])[];
  escalated: readonly string[];
  /** Who executes it by now: a seat may have gone to somebody since the question was put. */
  executors: readonly string[];
}

/** Looks at the roles again: votes of people who have lost theirs do not count any more. */
export const isStillCarried = ({ policy, stages, votes, escalated }: Approval, entitled: Entitled): boolean =>
  policy.stages.every(({ excludeExecutor }, index) => {
    const may = [...(entitled.stages[index] ?? []), ...(escalated ? entitled.escalated : [])];
    const carrying = votes.filter(
      ({ stage, decision, seat, voter }) =>
        stage === index &&
        decision === 'approve' &&
        may.includes(seat) &&
        !(excludeExecutor && entitled.executors.some((name) => name === seat || name === voter)),
    );
    return new Set(carrying.map(({ voter }) => voter)).size >= (stages[index]?.needed ?? Number.POSITIVE_INFINITY);
  });

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
