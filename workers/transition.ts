import type { Delivered, InboxRow } from '../domain/inbox.ts';
import { judge } from '../domain/trigger/decision.ts';
import { triggerKeyOf } from '../domain/trigger/key.ts';
import { planOf, type TransitionFact } from '../domain/trigger/transition.ts';
import { openPlanAt, type PlanPorts } from './operation-plan.ts';

/** Opens the plan that the service names for such a transition. */
export const deliverTransitions = async (
  row: InboxRow,
  facts: readonly TransitionFact[],
  ports: PlanPorts,
): Promise<Delivered> => {
  const outcomes = [];
  for (const { transition, factKey, triggeredBy: named = [] } of facts) {
    const { kind, service, environment, to, link, note } = transition;
    const key = triggerKeyOf(row.source, factKey);
    outcomes.push(
      await openPlanAt(row, { service, environment, key, named }, ports, ({ told, spec: { owner, plans } }) => {
        const template = plans[planOf[kind]];
        if (template === undefined) return { gap: `service ${service} names no plan for a ${kind}` };
        if (to === owner) return { gap: `service ${service} belongs to team ${to} already` };
        return { template, trigger: { ...told, type: 'transition', kind, from: owner, to: to ?? owner, link, note } };
      }),
    );
  }
  return judge(outcomes);
};
