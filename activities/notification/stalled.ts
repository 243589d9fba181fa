import type { Stall } from '../../domain/stall.ts';
import { notify } from './index.ts';

/** Whoever answers for the record is notified once of each thing that is stuck; an operator sees all of them. */
export async function notifyOfStall(
  ports: Parameters<typeof notify>[0],
  { workflowId, what, belongsTo, reason, since, team }: Stall & { team: string | null },
): Promise<void> {
  if (belongsTo === null || team === null) return;
  const key = `${workflowId}/stalled/${what}/${Date.parse(since)}`;
  await notify(ports, { key, belongsTo, to: { team }, notice: { reason: 'stalled', what, why: reason } });
}
