import { DomainError } from '../errors.ts';
import type { BudgetAction } from '../error-budget-policy.ts';
import { changesService } from '../routine/kind.rules.ts';
import type { RoutineKind } from '../routine/kind.ts';
import type { BudgetHold } from './hold.ts';
import type { TriggerType } from '../trigger.ts';

/** What a plan's trigger says of itself, as it was accepted. */
export type Concerned =
  | { type: Exclude<TriggerType, 'routine'>; exception?: string | undefined }
  | { type: 'routine'; kind: RoutineKind };

/** Whether a hold does something at an instant (ISO 8601): it has not ended, and nobody has overridden it for now. */
export const isActive = ({ endedAt, overridden }: BudgetHold, at: string): boolean =>
  endedAt === undefined && (overridden === undefined || overridden.until <= at);

/** Whether a plan is a change that a budget may hold up: whoever rolls back puts an end to what burns, and a supplier's papers change nothing. */
export const isHeldUp = (plan: Concerned): boolean =>
  plan.type === 'routine' ? changesService(plan.kind) : plan.type !== 'rollback' && plan.type !== 'supplier';

const concerns = ({ exceptions }: BudgetHold, plan: Concerned): boolean =>
  isHeldUp(plan) && !('exception' in plan && exceptions.some((each) => each === plan.exception));

const doing = (holds: readonly BudgetHold[], action: BudgetAction, plan: Concerned, at: string): BudgetHold[] =>
  holds.filter((hold) => isActive(hold, at) && concerns(hold, plan) && hold.actions.includes(action));

/** Holds in the way of a plan: those that freeze, and those that nobody has reviewed. */
export const blocking = (holds: readonly BudgetHold[], plan: Concerned, at: string): BudgetHold[] => [
  ...new Set([
    ...doing(holds, 'freeze', plan, at),
    ...doing(holds, 'require-review', plan, at).filter(({ reviewed }) => reviewed === undefined),
  ]),
];

/** Approval policies that holds ask for, each once, in order. */
export const approvalsAsked = (holds: readonly BudgetHold[], plan: Concerned, at: string): string[] => [
  ...new Set(doing(holds, 'require-approval', plan, at).flatMap(({ approval }) => approval ?? [])),
];

/** What is to be done about a hold, for whoever waits. */
export const adviceOf = ({ id, actions, why, reviewed, override }: BudgetHold): string =>
  actions.includes('freeze')
    ? `${why}: frozen until it recovers, or evenkeel objective override ${id} --reason "…" (${override.role})`
    : reviewed === undefined
      ? `${why}: a review is due, evenkeel objective review ${id} --text "…"`
      : why;

/** Overrides a hold until then (ISO 8601). Refuses one that has ended, or for longer than `longestMs`. */
export const override = (
  hold: BudgetHold,
  by: { name: string; role: string; reason: string; at: string; until: string },
  longestMs: number,
): BudgetHold => {
  refuseIfEnded(hold);
  const { name, role, reason, at, until } = by;
  if (Date.parse(until) <= Date.parse(at)) throw new DomainError('invalid', 'it would be over at once', 'for');
  if (Date.parse(until) - Date.parse(at) > longestMs)
    throw new DomainError('invalid', `the policy lets it be overridden for ${hold.override.expiry} at most`, 'for');
  return { ...hold, overridden: { by: name, role, reason, at, until } };
};

/** Writes down what somebody found who looked into it. Refuses a hold that has ended or was reviewed. */
export const review = (hold: BudgetHold, by: { name: string; at: string; text: string }): BudgetHold => {
  refuseIfEnded(hold);
  if (!hold.actions.includes('require-review')) throw new DomainError('conflict', `hold ${hold.id} asks for no review`);
  if (hold.reviewed) throw new DomainError('conflict', `${hold.reviewed.by} has reviewed it`);
  return { ...hold, reviewed: { by: by.name, at: by.at, text: by.text } };
};

const refuseIfEnded = ({ id, endedAt }: BudgetHold): void => {
  if (endedAt !== undefined) throw new DomainError('conflict', `hold ${id} ended at ${endedAt}`);
};
