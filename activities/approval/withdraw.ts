import { evenkeel } from '../../domain/actor.rules.ts';
import { withdraw } from '../../domain/approval/record.rules.ts';
import type { Reference } from '../../domain/reference.ts';
import type { ActivityPorts } from '../ports.ts';

/** Withdraws every question of a record that is over. Those that were decided stay as they are. `at` in milliseconds. */
export async function withdrawAll(
  { approvals }: Pick<ActivityPorts, 'approvals'>,
  belongsTo: Reference,
  at: number,
  reason?: string,
): Promise<void> {
  const when = new Date(at).toISOString();
  const why = reason === undefined ? {} : { reason };
  for (const { id, status } of await approvals.of(belongsTo)) {
    if (status !== 'open') continue;
    const entry = {
      at: when,
      actor: evenkeel,
      action: 'approval.cancelled' as const,
      subject: `approval/${id}`,
      belongsTo,
      ...why,
    };
    await approvals.change(id, entry, (approval) => withdraw(approval, 'cancelled', when));
  }
}
