import type { Joined } from '../../domain/approval/stage.rules.ts';
import type { PlanId } from '../../domain/id.ts';
import { planReference } from '../../domain/identifiers.ts';
import { executorsOf } from '../../domain/operation-plan/executors.ts';
import type { ActivityPorts } from '../ports.ts';

/** Who has come to have a part in a plan, by what people have said of it and senders have reported. */
export const joinedTo = async (
  { plans, commands }: Pick<ActivityPorts, 'plans' | 'commands'>,
  id: PlanId,
  plan: Parameters<typeof executorsOf>[2],
): Promise<Omit<Joined, 'people'>> => ({
  triggeredBy: await plans.toldBy(planReference(id)),
  executors: await executorsOf(commands, id, plan),
});
