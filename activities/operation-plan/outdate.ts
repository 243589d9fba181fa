import { signalOf } from '../../domain/inbox.ts';
import { planReference } from '../../domain/identifiers.ts';
import type { OperationPlan } from '../../domain/operation-plan.ts';
import { type Outdated, planOutdated } from '../../domain/operation-plan/outdated.rules.ts';
import type { ActivityPorts } from '../ports.ts';

/**
 * A deployment was completed: plans of older ones to the same place hear of it, each in the way that its template asks for.
 * Their deciders would take them for the newest otherwise.
 */
export async function outdate(
  { plans, catalogue, commands }: Pick<ActivityPorts, 'plans' | 'catalogue' | 'commands'>,
  { id: by, trigger }: OperationPlan,
): Promise<void> {
  if (trigger.type !== 'deployment') return;
  const { artifact } = trigger;
  for (const { id, workflowId: target, team, commission } of await plans.openBefore(by)) {
    const template = await catalogue.find('PlanTemplate', commission.template, commission.catalogueRevision);
    const outdated: Outdated = { by, artifact, supersede: template?.whenOutdated === 'supersede' };
    const signal = { source: 'plan', dedupKey: `${id}/outdated/${by}`, name: planOutdated, target, team };
    await commands.tell(signalOf({ ...signal, belongsTo: planReference(id) }, { ...outdated }));
  }
}
