import { z } from 'zod';
import { BudgetException } from './error-budget-policy.ts';
import { Gate } from './gate.ts';
import { TriggeredBy } from './login.ts';
import { RoutineKind } from './routine/kind.ts';
import { SupplierPlanKind } from './supplier/lifecycle.ts';
import { TransitionKind } from './trigger/transition.ts';

/** What every trigger says. */
const told = {
  /** Identity of the occurrence: told twice, it opens one plan. */
  key: z.string(),
  source: z.string(),
  /** Who told it: a person of the catalogue, a service account, or the source; never among those who approve. */
  requester: z.string(),
  /** Who caused it, as far as anybody says: they approve as little. */
  triggeredBy: z.array(TriggeredBy).optional(),
  link: z.string().optional(),
  note: z.string().optional(),
};

/** Why it may pass what a spent error budget holds up. */
const exception = BudgetException.optional();

const deployed = { artifact: z.string(), committedAt: z.string().optional(), exception };

/** What sets a plan off; the workflow is one and the same. */
export const Trigger = z.discriminatedUnion('type', [
  z.strictObject({ ...told, type: z.literal('deployment'), ...deployed }),
  z.strictObject({ ...told, type: z.literal('rollback'), ...deployed }),
  z.strictObject({
    ...told,
    type: z.literal('transition'),
    kind: TransitionKind,
    /** Team that had it, and the one that has it from then on. */
    from: z.string(),
    to: z.string(),
  }),
  z.strictObject({
    ...told,
    type: z.literal('supplier'),
    kind: SupplierPlanKind,
    supplier: z.string(),
    /** Of a revocation: the access that ends. */
    access: z.strictObject({ who: z.string(), scope: z.string(), expires: z.string() }).optional(),
  }),
  z.strictObject({ ...told, type: z.literal('request'), exception, gate: Gate.optional() }),
  z.strictObject({ ...told, type: z.literal('routine'), routine: z.string(), kind: RoutineKind, dueAt: z.string() }),
]);
export type Trigger = z.infer<typeof Trigger>;
export const TriggerType = z.enum(Trigger.options.map(({ shape }) => shape.type.value));
export type TriggerType = z.infer<typeof TriggerType>;

/** A deployment or its rollback: what was put where. */
export type DeploymentTrigger = Extract<Trigger, { artifact: string }>;

export const isOfDeployment = (trigger: Trigger): trigger is DeploymentTrigger =>
  trigger.type === 'deployment' || trigger.type === 'rollback';
