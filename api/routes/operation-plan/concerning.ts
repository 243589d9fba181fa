import { planReference } from '../../../domain/identifiers.ts';
import type { PlanId } from '../../../domain/id.ts';
import { seatedIn } from '../../../domain/operation-plan/seat.rules.ts';
import { type PlannedStart, plannedStartOf } from '../../../domain/operation-plan/slot.ts';
import type { Stores } from '../../../workers/ports.ts';

/** Who has a seat in the plan or is asked to take one, and who was given a task of it. */
export async function planExecutors({ stores }: { stores: Stores }, id: PlanId): Promise<string[]> {
  const plan = await stores.plans.find(id);
  if (!plan) return [];
  const seated = plan.record ? seatedIn(plan.record) : [];
  return [...seated, ...(await stores.inbox.executorsOf(plan.workflowId, planReference(id)))];
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
