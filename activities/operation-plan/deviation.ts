import type { LedgerEntry } from '../../domain/audit.ts';
import { planReference } from '../../domain/identifiers.ts';
import { acceptedEntry } from '../../domain/incident/accepted.ts';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import type { Severity } from '../../domain/severity.ts';
import type { ActivityPorts } from '../ports.ts';

/** What leaves an environment otherwise than anybody wanted it. What was undone as planned is none. */
const deviations: Partial<Record<LedgerEntry['action'], { severity: Severity; what: string }>> = {
  'step.undo-failed': { severity: 'SEV-2', what: 'an undo failed' },
  'activity.undo-failed': { severity: 'SEV-2', what: 'an undo failed' },
  'plan.failed': { severity: 'SEV-2', what: 'a plan ended without its work done or undone' },
  'plan.failure-heard': { severity: 'SEV-3', what: 'a deployment failed after all' },
};

/** Opens an incident for a plan that somebody has to look at, once for each plan. */
export async function openForDeviation(
  { incidents }: Pick<ActivityPorts, 'incidents'>,
  { id, service, environment, team, catalogueRevision, ...plan }: OperationPlan,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const found = entries.flatMap(({ action, at, reason }) => {
    const deviation = deviations[action];
    return deviation ? [{ ...deviation, at, reason }] : [];
  })[0];
  // One that never began has changed nothing.
  if (!found || !('startedAt' in plan) || plan.startedAt === undefined) return;
  const { severity, what, at } = found;
  const reference = planReference(id);
  await incidents.open(`${reference}/deviation`, (number) => {
    const commission = {
      number,
      kind: 'real' as const,
      title: `${service} in ${environment}: ${what}`,
      team,
      service,
      environment,
      severity,
      detectedBy: { by: 'plan' as const, plan: id },
      plan: reference,
      catalogueRevision,
      detectedAt: at,
      openedAt: at,
    };
    return { commission, entry: acceptedEntry(commission, evenkeel, { plan: reference }) };
  });
}
