import type { Delivered, InboxRow } from '../../domain/inbox.ts';
import type { GateFact } from '../../domain/gate.ts';
import { judge, type Outcome } from '../../domain/trigger/decision.ts';
import { triggerKeyOf } from '../../domain/trigger/key.ts';
import { openPlanAt, type PlanPorts } from '../operation-plan.ts';
import { namesOf } from './place.ts';

/** Takes each gate to a plan that decides whether it opens. Where none can, that is said: nobody would answer it otherwise. */
export async function deliverGates(row: InboxRow, facts: readonly GateFact[], ports: PlanPorts): Promise<Delivered> {
  const outcomes: Outcome[] = [];
  for (const fact of facts) outcomes.push(await open(row, fact, ports));
  return judge(outcomes);
}

const open = async (row: InboxRow, fact: GateFact, ports: PlanPorts): Promise<Outcome> => {
  const { repository, run, environment, installation, factKey, triggeredBy: named, link, note } = fact;
  const source = await ports.catalogue.find('Source', row.source);
  if (!source?.app) return { gap: `source ${row.source} has no app, so nobody could answer the gate of run ${run}` };
  const mapped = namesOf({ ...fact, subject: repository }, source.mappings);
  if (!mapped) return { gap: `no mapping of source ${row.source} fits ${repository} in ${environment}` };
  if ('gap' in mapped) return mapped;
  const gate = { repository, run, environment, installation };
  // A run that asks again while its plan is open asks for the same.
  const artifact = `gate:${repository}/${run}:${environment}`;
  const place = { ...mapped, key: triggerKeyOf(row.source, factKey), named, artifact };
  return openPlanAt(row, place, ports, ({ told, spec: { plans } }) =>
    plans.gate === undefined
      ? { gap: `service ${mapped.service} names no plan for a gate` }
      : { template: plans.gate, trigger: { ...told, type: 'request', link, note, gate } },
  );
};
