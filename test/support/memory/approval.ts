import type { Approval } from '../../../domain/approval.ts';
import { isStillCarried } from '../../../domain/approval/lifecycle.rules.ts';
import type { LedgerAction } from '../../../domain/audit.ts';
import { evenkeel } from '../../../domain/actor.rules.ts';
import { digestOf } from '../../../domain/digest.ts';
import type { ApprovalStore } from '../../../domain/ports.ts';
import type { MemoryLedger } from './ledger.ts';

/** Nothing waits between the last look and writing, so each change has the approval to itself. */
export const createMemoryApprovalStore = (ledger: MemoryLedger): ApprovalStore => {
  const approvals = new Map<string, Approval>();
  const note = (approval: Approval, action: LedgerAction, at: string, key: string): void =>
    ledger.append([
      { key, at, actor: evenkeel, action, subject: `approval/${approval.id}`, belongsTo: approval.belongsTo },
    ]);
  return {
    async open(approval) {
      const kept = approvals.get(approval.id) ?? structuredClone(approval);
      approvals.set(approval.id, kept);
      note(kept, 'approval.opened', kept.openedAt, `approval/${kept.id}/opened`);
      return structuredClone(kept);
    },
    find: async (id) => structuredClone(approvals.get(id)),
    of: async (record) => structuredClone([...approvals.values()].filter(({ belongsTo }) => belongsTo === record)),
    async change(id, entry, change) {
      const before = approvals.get(id);
      if (!before) throw new Error(`there is no approval ${id}`);
      const after = change(before);
      if (after === before) return before;
      approvals.set(id, structuredClone(after));
      ledger.append([{ ...entry, key: `approval/${id}/${entry.action}/${digestOf(after)}` }]);
      return after;
    },
    async consume(id, { digest, by, at }, entitled) {
      const approval = approvals.get(id);
      if (!approval || approval.digest !== digest) return false;
      if (approval.status === 'consumed') return approval.consumedBy === by;
      if (approval.status !== 'approved' || !isStillCarried(approval, entitled)) return false;
      approvals.set(id, { ...approval, status: 'consumed', consumedBy: by, consumedAt: at });
      note(approval, 'approval.consumed', at, `approval/${id}/consumed`);
      return true;
    },
  };
};
