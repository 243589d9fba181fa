import type { ApprovalId } from '../../domain/id.ts';
import type { Approval } from '../../domain/approval.ts';
import { milliseconds } from '../../domain/duration.ts';

/** Where an approval stands, for the workflow that waits for it. Instants in milliseconds. */
export interface ApprovalState {
  id: ApprovalId;
  status: Approval['status'];
  deadlineAt: number;
  remindAt?: number | undefined;
  mayEscalate: boolean;
  reason?: string | undefined;
}

export const stateOf = (approval: Approval): ApprovalState => {
  const deadlineAt = Date.parse(approval.deadlineAt);
  const remind = approval.policy.remindBefore;
  return {
    id: approval.id,
    status: approval.status,
    deadlineAt,
    remindAt: remind === undefined ? undefined : deadlineAt - milliseconds(remind),
    mayEscalate: !approval.escalated && approval.policy.escalateTo.length > 0,
    reason: reasonOf(approval),
  };
};

/** Why it was not approved, in the words of whoever decided last. */
const reasonOf = ({ votes }: Approval): string | undefined => {
  const last = votes.findLast(({ decision }) => decision !== 'approve');
  if (last?.decision !== 'abstain') return last?.reason;
  return `too few are left to agree, since ${last.seat} abstained${last.reason === '' ? '' : ` (${last.reason})`}`;
};
