import type { Approval } from '../../../domain/approval.ts';
import { evenkeel } from '../../../domain/actor.rules.ts';
import { digestOf } from '../../../domain/digest.ts';
import type { ApprovalStore } from '../../../domain/ports.ts';
import type { MemoryLedger } from './ledger.ts';

/** Nothing waits between the last look and writing, so each change has the approval to itself. */
export const createMemoryApprovalStore = (ledger: MemoryLedger): ApprovalStore => {
  const approvals = new Map<string, Approval>();
  const note = (approval: Approval, action: string, at: string, key: string): void =>
    ledger.append([{ key, at, actor: evenkeel, action, subject: `approval/${approval.id}`, plan: approval.plan }]);
  return {
    async open(approval) {
      const kept = approvals.get(approval.id) ?? structuredClone(approval);
      approvals.set(approval.id, kept);
      note(kept, 'approval.opened', kept.openedAt, `approval/${kept.id}/opened`);
      return structuredClone(kept);
    },
    find: async (id) => structuredClone(approvals.get(id)),
    ofPlan: async (plan) => structuredClone([...approvals.values()].filter((approval) => approval.plan === plan)),
    async change(id, entry, change) {
      const before = approvals.get(id);
      if (!before) throw new Error(`there is no approval ${id}`);
      const after = change(before);
      if (after === before) return before;
      approvals.set(id, structuredClone(after));
      ledger.append([{ ...entry, key: `approval/${id}/${entry.action}/${digestOf(after)}` }]);
      return after;
    },
    async consume(id, { digest, by, at }, stillMayDecide) {
      const approval = approvals.get(id);
      if (!approval || approval.digest !== digest) return false;
      if (approval.status === 'consumed') return approval.consumedBy === by;
      if (approval.status !== 'approved') return false;
      for (const [index, { approvers }] of approval.policy.stages.entries()) {
        const may = await stillMayDecide([...approvers, ...(approval.escalated ? approval.policy.escalateTo : [])]);
        const carried = approval.votes.filter(
          ({ stage, decision, seat }) => stage === index && decision === 'approve' && may.includes(seat),
        );
        if (new Set(carried.map(({ voter }) => voter)).size < approval.stages[index]!.needed) return false;
      }
      if (approvals.get(id) !== approval) return approvals.get(id)?.consumedBy === by;
      approvals.set(id, { ...approval, status: 'consumed', consumedBy: by, consumedAt: at });
      note(approval, 'approval.consumed', at, `approval/${id}/consumed`);
      return true;
    },
  };
};
