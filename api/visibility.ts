import type { PlanId } from '../domain/id.ts';
import type { Role } from '../domain/actor.ts';
import type { Approval } from '../domain/approval.ts';
import { DomainError } from '../domain/errors.ts';
import { planReference } from '../domain/identifiers.ts';
import type { PlanRow } from '../storage/operation-plan.ts';
import type { Access } from './access.ts';
import type { Stores } from '../workers/ports.ts';

/** Finds a plan for somebody who may see it: of their team, or one they were asked to take part in. */
export const visiblePlan = async (
  { stores }: { stores: Stores },
  id: PlanId,
  access: Access,
  role: Role = 'viewer',
): Promise<PlanRow> => {
  const plan = await stores.plans.find(id);
  if (!plan) throw new DomainError('not-found', `there is no plan ${id}`);
  const { type, name } = access.actor;
  const isSeated = type === 'person' && plan.record?.assignments.some(({ person }) => person === name);
  if (isSeated && (role === 'viewer' || role === 'responder')) return plan;
  // Whoever is asked to approve a plan has to be able to read it.
  if (
    role === 'viewer' &&
    access.roleIn(plan.team) === undefined &&
    (await stores.approvals.of(planReference(id))).some((approval) => isConcerned(approval, access))
  )
    return plan;
  access.demand(role, plan.team, `plan ${id}`);
  return plan;
};

/** True when the person is asked in a stage of the approval that has been opened, or executes what it is about. */
export const isConcerned = ({ stages, executors }: Approval, { actor }: Access): boolean =>
  actor.type === 'person' &&
  (executors.includes(actor.name) || stages.some(({ eligible }) => eligible.includes(actor.name)));
