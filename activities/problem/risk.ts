import { digestOf } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { problemReference } from '../../domain/identifiers.ts';
import type { Problem, Risk } from '../../domain/problem.ts';
import type { ActivityPorts } from '../ports.ts';

/** Of a risk as people are asked to accept it; the attempt is which of them. */
export const riskDigest = (
  problem: number,
  attempt: number,
  { reason, until }: Pick<Risk, 'reason' | 'until'>,
): string => digestOf({ problem, revision: attempt, reason, until });

/** A risk is accepted where people have approved exactly that, whatever a workflow says. */
export const refuseUnapproved = async (
  { approvals }: Pick<ActivityPorts, 'approvals'>,
  problem: Problem,
): Promise<void> => {
  const { number, risk } = problem;
  const isAccepted = problem.status === 'closed' && problem.resolution === 'risk-accepted';
  if (!isAccepted && risk?.status !== 'accepted') return;
  const approval = risk?.approval && (await approvals.find(risk.approval));
  const isApproved =
    approval?.status === 'consumed' &&
    approval.belongsTo === problemReference(number) &&
    approval.digest === riskDigest(number, risk!.attempt, risk!);
  if (!isApproved) throw new DomainError('not-allowed', `nobody has accepted the risk of problem ${number}`);
};
