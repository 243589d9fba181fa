import { condition } from '@temporalio/workflow';
import type { OperationPlan, PlanActivity, PlanTiming } from '../../domain/operation-plan.ts';
import { end, isOver, isStopping as isPlanStopping, withActivity } from '../../domain/operation-plan/record.rules.ts';
import type { Recipient, Said } from '../../domain/notice.ts';
import type { Reference } from '../../domain/reference.ts';
import type { Stored } from '../activities.ts';
import { now } from '../time.ts';
import type { Tracked } from '../track/index.ts';

/** What the phases of a plan share: its record, its limits, and what has been heard. */
export interface PlanContext {
  plan: Tracked<OperationPlan>;
  belongsTo: Reference;
  stored: Stored;
  timing: PlanTiming;
  /** Count the news of each kind, so that a phase sees whether some came while it waited. */
  heard: { approval: () => number; readiness: () => number; failures: () => number; lifted: () => number };
  /** News of readiness that the last look has taken into account. */
  looked: number;
  /** Runbook runs under way; the history cannot be cut while there are any. */
  children: number;
  /** A status report is on its way. */
  isReporting: boolean;
  /** Somebody is asked to take a seat that was moved. */
  isStaffing: boolean;
}

/** Waits for `change`, the end of the plan, or a place to continue as new; false when the time is up first. */
export const waitFor = (context: PlanContext, change: () => boolean, until: number): Promise<boolean> =>
  condition(() => change() || isOver(context.plan.current) || isToContinue(context), Math.max(1, until - Date.now()));

export const isToContinue = ({ plan, children }: PlanContext): boolean => children === 0 && plan.mustContinue;

/** The plan, or undefined if a command moved it on while we waited for our own work, whose result is not wanted then. */
export const unmoved = <Plan extends OperationPlan>({ plan: { current } }: PlanContext, from: Plan): Plan | undefined =>
  current.status === from.status && current.isCancelling === from.isCancelling && current.dropped === from.dropped
    ? // The same status is the same phase.
      (current as Plan)
    : undefined;

/** Ends the plan in a way that somebody has to know of. */
export const fail = ({ plan }: PlanContext, status: 'failed' | 'rejected' | 'undone', outcome: string): void => {
  plan.apply(end(plan.current, status, outcome, now()), { action: `plan.${status}`, reason: outcome });
};

/** Notifies whoever answers for the plan; once for each key. */
export const notifyOwner = (context: PlanContext, key: string, said: Said): Promise<void> =>
  notify(context, key, { team: context.plan.current.team }, said);

/** Notifies somebody once for each key, when what is said can be read in PostgreSQL. */
export const notify = async (
  { plan, belongsTo, stored }: PlanContext,
  key: string,
  to: Recipient,
  said: Said,
): Promise<void> => {
  await plan.saved();
  await stored.notifyPeople({ key: `${plan.current.workflowId}/${key}`, belongsTo, to, said });
};

/** The work of the plan ends: nothing more of it begins. */
export const isStopping = ({ plan: { current } }: PlanContext): boolean => isPlanStopping(current);

/** Notes what became of an activity. */
export const change = (
  { plan }: PlanContext,
  name: string,
  changed: Partial<PlanActivity> & Pick<PlanActivity, 'status'>,
  detail?: Record<string, unknown>,
): void => {
  plan.apply(withActivity(plan.current, name, changed), {
    action: `activity.${changed.status}`,
    detail: { activity: name, ...detail },
  });
};

export const activityOf = ({ plan }: PlanContext, name: string): PlanActivity =>
  plan.current.activities.find((activity) => activity.name === name)!;

export const statusOf = (context: PlanContext, name: string): PlanActivity['status'] =>
  activityOf(context, name).status;
