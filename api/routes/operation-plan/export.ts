import type { PlanId } from '../../../domain/id.ts';
import type { Database } from '../../../storage/database.ts';
import { createPlanStore } from '../../../storage/operation-plan.ts';
import { createReadinessStore } from '../../../storage/readiness.ts';

/** What an export has of a plan itself: its record, the content that was approved, the review behind it. */
export const exportedPlan = async (tx: Database, id: PlanId) => {
  const plans = createPlanStore(tx);
  const plan = (await plans.find(id))?.record ?? null;
  const review = plan?.readiness && (await createReadinessStore(tx).review(plan.readiness.review));
  return { plan, content: plan ? await plans.content(id, plan.revision) : undefined, readiness: review ?? null };
};
