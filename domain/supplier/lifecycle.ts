import { z } from 'zod';
import { DomainError } from '../errors.ts';
import type { PlanStatus } from '../operation-plan.ts';

/** Where a supplier is, from the first idea to its exit. */
export const SupplierStage = z.enum([
  'proposed',
  'due-diligence',
  'contracted',
  'operations-onboarding',
  'ready',
  'live',
  'under-review',
  'suspended',
  'exiting',
  'exited',
]);
export type SupplierStage = z.infer<typeof SupplierStage>;

/** Stages to which people move a supplier, each with those from which they may; all others are moved by plans. */
const moves = {
  'due-diligence': ['proposed'],
  contracted: ['due-diligence'],
  live: ['ready', 'under-review', 'suspended'],
  'under-review': ['live'],
  suspended: ['live', 'under-review'],
} as const satisfies Partial<Record<SupplierStage, readonly SupplierStage[]>>;

export const MovedStage = SupplierStage.extract(['due-diligence', 'contracted', 'live', 'under-review', 'suspended']);
export type MovedStage = z.infer<typeof MovedStage>;

/** Stages in which a plan of this kind may be opened. */
const plannedFrom = {
  onboarding: ['contracted'],
  exit: ['live', 'under-review', 'suspended', 'ready'],
} as const satisfies Record<string, readonly SupplierStage[]>;

export const SupplierPlanKind = z.enum(['onboarding', 'exit', 'revocation']);
export type SupplierPlanKind = z.infer<typeof SupplierPlanKind>;

/** Something that moved a supplier, or tried to: a person, or a plan as it stands. */
export type SupplierEvent =
  | { at: string; stage: MovedStage; by: string; reason: string }
  | { at: string; kind: SupplierPlanKind; plan: string; status: PlanStatus; closedAt: string | null };

/** The stage, since when, and what has moved it there; since ever where nothing has. */
export interface SupplierLifecycle {
  stage: SupplierStage;
  since?: string | undefined;
  by?: string | undefined;
  reason?: string | undefined;
  plan?: string | undefined;
}

/** The stage to which its events, the oldest first, have moved a supplier that began in another. */
export const supplierLifecycleOf = (begun: SupplierStage, events: readonly SupplierEvent[]): SupplierLifecycle =>
  events.reduce<SupplierLifecycle>(
    (before, event) => {
      if ('stage' in event) {
        const { stage, at: since, by, reason } = event;
        return { stage, since, by, reason };
      }
      const stage = plannedStage(event);
      const since = event.status === 'completed' ? (event.closedAt ?? event.at) : event.at;
      return stage === undefined ? before : { stage, since, plan: event.plan };
    },
    { stage: begun },
  );

/** What has failed or was cancelled leaves the supplier where it was. */
const plannedStage = ({ kind, status }: Extract<SupplierEvent, { plan: string }>): SupplierStage | undefined => {
  if (kind === 'revocation' || ['failed', 'rejected', 'cancelled', 'undone'].includes(status)) return undefined;
  if (kind === 'onboarding') return status === 'completed' ? 'ready' : 'operations-onboarding';
  return status === 'completed' ? 'exited' : 'exiting';
};

/** Refuses a move that people do not make from there. */
export const refuseMove = (supplier: string, { stage }: SupplierLifecycle, to: MovedStage): void => {
  const from: readonly SupplierStage[] = moves[to];
  if (!from.includes(stage))
    throw new DomainError(
      'conflict',
      `supplier ${supplier} is ${stage}: only from ${from.join(' or ')} it becomes ${to}`,
    );
};

/** Refuses a plan that does not belong to the stage: nothing is onboarded before its contract. */
export const refusePlan = (supplier: string, { stage }: SupplierLifecycle, kind: keyof typeof plannedFrom): void => {
  const from: readonly SupplierStage[] = plannedFrom[kind];
  if (!from.includes(stage))
    throw new DomainError('conflict', `supplier ${supplier} is ${stage}: its ${kind} begins from ${from.join(' or ')}`);
};
