import type { Delivered, InboxRow } from '../domain/inbox.ts';
import { judge } from '../domain/trigger/decision.ts';
import { triggerKeyOf } from '../domain/trigger/key.ts';
import type { PlanRequest } from '../domain/trigger/request.ts';
import { openPlanAt, type PlanPorts } from './operation-plan.ts';

/** Opens the plan that somebody has asked for, once for each row. */
export const deliverRequests = async (
  row: InboxRow,
  requests: readonly PlanRequest[],
  ports: PlanPorts,
): Promise<Delivered> => {
  const outcomes = [];
  for (const [at, { service, environment, template, parameters, ...told }] of requests.entries()) {
    const key = triggerKeyOf(row.source, `${row.dedupKey}/${at}`);
    outcomes.push(
      await openPlanAt(row, { service, environment, key, named: [] }, ports, async ({ told: by, revision }) => {
        const found = await ports.catalogue.find('PlanTemplate', template, revision);
        if (found?.requestableBy === undefined)
          return { gap: `plan template ${template} may not be requested any more` };
        return { template, given: parameters, trigger: { ...by, ...told, type: 'request' } };
      }),
    );
  }
  return judge(outcomes);
};
