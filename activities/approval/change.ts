import { evenkeel } from '../../domain/actor.rules.ts';
import type { Approval } from '../../domain/approval.ts';
import { withdraw } from '../../domain/approval/lifecycle.rules.ts';
import type { LedgerAction } from '../../domain/audit.ts';
import type { Reference } from '../../domain/reference.ts';
import type { ActivityPorts } from '../ports.ts';

type Ports = Pick<ActivityPorts, 'approvals'>;

/** Changes an approval on behalf of nobody, and says so in the ledger. `at` in milliseconds. */
export const changeApproval = (
  { approvals }: Ports,
  { id, belongsTo }: Pick<Approval, 'id' | 'belongsTo'>,
  { action, at, reason }: { action: LedgerAction; at: number; reason?: string | undefined },
  change: (approval: Approval, when: string) => Approval,
): Promise<Approval> => {
  const when = new Date(at).toISOString();
  const entry = { at: when, actor: evenkeel, action, subject: `approval/${id}`, belongsTo, reason };
  return approvals.change(id, entry, (approval) => change(approval, when));
};

/** Withdraws every question of a record that is over. Those that were decided stay as they are. `at` in milliseconds. */
export async function withdrawAll(ports: Ports, belongsTo: Reference, at: number, reason?: string): Promise<void> {
  for (const approval of await ports.approvals.of(belongsTo)) {
    if (approval.status !== 'open') continue;
    await changeApproval(ports, approval, { action: 'approval.cancelled', at, reason }, (open, when) =>
      withdraw(open, 'cancelled', when),
    );
  }
}
