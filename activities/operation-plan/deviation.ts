import type { LedgerEntry } from '../../domain/audit.ts';
import { planReference } from '../../domain/identifiers.ts';
import { acceptedEntry } from '../../domain/incident/accepted.ts';
import { evenkeel } from '../../domain/actor.rules.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import { severityFor } from '../../domain/severity-policy.ts';
import { policyOf } from '../../domain/incident/policy.ts';
import type { ActivityPorts } from '../ports.ts';

/** What leaves an environment otherwise than anybody wanted it, and the alert that it is as bad as. What was undone as planned is none. */
const deviations: Partial<Record<LedgerEntry['action'], { as: 'critical' | 'error'; what: string }>> = {
  'step.undo-failed': { as: 'critical', what: 'an undo failed' },
  'activity.undo-failed': { as: 'critical', what: 'an undo failed' },
  'plan.failed': { as: 'critical', what: 'a plan ended without its work done or undone' },
  'plan.failure-heard': { as: 'error', what: 'a deployment failed after all' },
};

/** Opens an incident for a plan that somebody has to look at, once for each plan. */
export async function openForDeviation(
  { incidents, catalogue }: Pick<ActivityPorts, 'incidents' | 'catalogue'>,
  { id, service, environment, team, catalogueRevision, ...plan }: OperationPlan,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const found = entries.flatMap(({ action, at, reason }) => {
    const deviation = deviations[action];
    return deviation ? [{ ...deviation, at, reason }] : [];
  })[0];
  // One that never began has changed nothing.
  if (!found || !('startedAt' in plan) || plan.startedAt === undefined) return;
  const { as, what, at } = found;
  // Where nobody uses it, it can wait longer than where customers are.
  const isProduction = (await catalogue.find('Environment', environment, catalogueRevision))?.production === true;
  const severity = severityFor(await policyOf(catalogue, { team, catalogueRevision }), isProduction ? as : 'error');
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
