import type { Delivered, InboxRow } from '../domain/inbox.ts';
import { judge } from '../domain/trigger/decision.ts';
import { triggerKeyOf } from '../domain/trigger/key.ts';
import type { SupplierFact } from '../domain/trigger/supplier.ts';
import { openPlanAt, type PlanPorts } from './operation-plan.ts';

/** Opens the plan that the supplier names for its onboarding, its exit, or an access that expires. */
export const deliverSupplierPlans = async (
  row: InboxRow,
  facts: readonly SupplierFact[],
  ports: PlanPorts,
): Promise<Delivered> => {
  const outcomes = [];
  for (const { supplier, kind, access, order, factKey } of facts) {
    const { service, environment, link, note } = order;
    const place = { service, environment, key: triggerKeyOf(row.source, factKey), named: [] };
    outcomes.push(
      await openPlanAt(row, place, ports, async ({ told, revision }) => {
        const spec = await ports.catalogue.find('Supplier', supplier, revision);
        const template = spec?.plans[kind];
        if (template === undefined) return { gap: `supplier ${supplier} names no plan for its ${kind}` };
        return { template, trigger: { ...told, type: 'supplier', kind, supplier, access, link, note } };
      }),
    );
  }
  return judge(outcomes);
};
