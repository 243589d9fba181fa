import { planReference } from '../../domain/identifiers.ts';
import { oneLine } from '../../domain/one-line.rules.ts';
import type { OperationPlan, PlanCommission } from '../../domain/operation-plan.ts';
import { isOver } from '../../domain/operation-plan/record.rules.ts';
import type { ActivityPorts } from '../ports.ts';

/** Whoever reads the run on GitHub sees so much of why it may not pass. */
const mostReason = 300;

/**
 * Answers the gate that a plan was opened for, once, when the plan is over: only what is completed lets the run pass. Which gate
 * that is was kept as the request was accepted, whatever a record says.
 */
export async function answerGate(
  { outbox, publicUrl }: Pick<ActivityPorts, 'outbox' | 'publicUrl'>,
  plan: OperationPlan,
  opened: PlanCommission | undefined,
): Promise<void> {
  const trigger = opened?.trigger;
  if (!isOver(plan) || trigger?.type !== 'request' || trigger.gate === undefined) return;
  const belongsTo = planReference(plan.id);
  const { status, outcome } = plan;
  const why = status === 'completed' ? '' : `: ${oneLine(outcome, mostReason)}`;
  await outbox.put(`${belongsTo}/gate`, belongsTo, {
    kind: 'gate',
    channel: trigger.source,
    gate: trigger.gate,
    state: status === 'completed' ? 'approved' : 'rejected',
    text: `Operation plan ${status}${why} (${publicUrl}/v1/operation-plans/${plan.id})`,
  });
}
