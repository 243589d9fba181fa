import type { PlanId } from '../../../domain/id.ts';
import { executorsOf } from '../../../domain/operation-plan/executors.ts';
import { type PlannedStart, plannedStartOf } from '../../../domain/operation-plan/slot.ts';
import type { Stores } from '../../../workers/ports.ts';

/** Who executes the plan by now. */
export async function planExecutors({ stores }: { stores: Stores }, id: PlanId): Promise<string[]> {
  const plan = await stores.plans.find(id);
  return plan ? executorsOf(stores.inbox, id, plan) : [];
}

/** When the plan begins if the content with this digest is approved now. */
export async function planStart(
  { stores }: { stores: Stores },
  id: PlanId,
  digest: string,
): Promise<PlannedStart | undefined> {
  const revision = await stores.plans.revisionOf(id, digest);
  const found = revision === undefined ? undefined : await stores.plans.content(id, revision);
  return found && plannedStartOf(stores, found.content, Date.now());
}
