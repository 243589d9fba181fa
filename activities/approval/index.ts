import type { ApprovalId } from '../../domain/id.ts';
import type { Approval } from '../../domain/approval.ts';
import { escalate, expire, withdraw } from '../../domain/approval/lifecycle.rules.ts';
import { approversNow } from '../../domain/approvers.ts';
import { milliseconds } from '../../domain/duration.ts';
import { DomainError } from '../../domain/errors.ts';
import { onlyFor, onlyItself, onlyRecord } from '../authorization.ts';
import type { ActivityPorts } from '../ports.ts';
import { kindIn } from '../record-kind.ts';
import { changeApproval } from './change.ts';
import { entitledTo } from './entitled.ts';
import { notifyApprovers, notifyOfChanges, warnOwner } from './notify.ts';
import { type ApprovalAsk, approvalOf } from './question.ts';
import { type ApprovalState, stateOf } from './state.ts';

type Ports = Pick<ActivityPorts, 'catalogue' | 'schedules' | 'kinds' | 'runs' | 'approvals' | 'outbox' | 'publicUrl'>;

export const createApprovalActivities = (ports: Ports) => {
  /** The approval, for whoever acts for the record that it belongs to. */
  const found = async (id: ApprovalId): Promise<Approval> => {
    const approval = await ports.approvals.find(id);
    if (!approval) throw new DomainError('not-found', `there is no approval ${id}`);
    await onlyFor(ports, approval.belongsTo);
    return approval;
  };

  /** A stage that opened meanwhile has people who were not notified yet; those who were are not notified again. */
  const shown = async (approval: Approval): Promise<ApprovalState> => {
    await notifyApprovers(ports, approval);
    await warnOwner(ports, approval);
    await notifyOfChanges(ports, approval);
    return stateOf(approval);
  };

  return {
    /** Puts the question and notifies those who are asked. The same ask again finds the first. */
    async openApproval(ask: ApprovalAsk): Promise<ApprovalState> {
      if (ask.about === 'record') onlyRecord(ports, ask.belongsTo);
      onlyItself(ask.workflowId);
      return shown(await ports.approvals.open(await approvalOf(ask, ports), ask.workflowId));
    },

    /** Where the question stands, with those notified who were not: believes the database, whatever a message said. */
    async readApproval(id: ApprovalId): Promise<ApprovalState> {
      return shown(await found(id));
    },

    async remindApprovers(id: ApprovalId): Promise<void> {
      await notifyApprovers(ports, await found(id), { isReminder: true });
    },

    /** Asks more people and starts the time anew, once. */
    async escalateApproval({ id, at }: { id: ApprovalId; at: number }): Promise<ApprovalState> {
      const before = await found(id);
      const { policy } = before;
      const people = await approversNow(ports, policy.escalateTo, at);
      const deadlineAt = new Date(at + milliseconds(policy.timeout)).toISOString();
      const after = await changeApproval(ports, before, { action: 'approval.escalated', at }, (approval) =>
        approval.status === 'open' && !approval.escalated ? escalate(approval, people, deadlineAt) : approval,
      );
      // An attempt that changed it may have ended before it notified anybody.
      await notifyApprovers(ports, after);
      return stateOf(after);
    },

    /** Nobody decided in time: the request ends without approval, unless somebody was faster. */
    async expireApproval({ id, at }: { id: ApprovalId; at: number }): Promise<ApprovalState> {
      return stateOf(await changeApproval(ports, await found(id), { action: 'approval.expired', at }, expire));
    },

    /** The question is void: its subject changed, or is no longer wanted. */
    async withdrawApproval(ask: {
      id: ApprovalId;
      status: 'superseded' | 'cancelled';
      at: number;
    }): Promise<ApprovalState> {
      const how = { action: `approval.${ask.status}`, at: ask.at } as const;
      return stateOf(
        await changeApproval(ports, await found(ask.id), how, (open, when) => withdraw(open, ask.status, when)),
      );
    },

    /** Uses up the approval of an `approval` step; false when the database does not have it as approved. */
    async passApproval({ id, by, at }: { id: ApprovalId; by: string; at: number }): Promise<boolean> {
      const approval = await found(id);
      const how = { digest: approval.digest, by, at: new Date(at).toISOString() };
      const { kind, id: record } = kindIn(ports.kinds, approval.belongsTo);
      const joined = await kind.joinedTo(record);
      return ports.approvals.consume(id, how, await entitledTo(ports, approval, joined, at));
    },
  };
};
