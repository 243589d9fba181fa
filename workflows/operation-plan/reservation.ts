import { condition, sleep } from '@temporalio/workflow';
import { deviated } from '../../domain/operation-plan/record.rules.ts';
import { isStaffed } from '../../domain/operation-plan/seat.rules.ts';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { now } from '../time.ts';
import { change, type PlanContext, isStopping, statusOf } from './context.ts';

const pollEveryMs = 15_000;
/** A history has room for some thousands of looks. */
const mostPolls = 2_000;

/** Gives the environment back. */
export const release = ({ plan: { current }, belongsTo, stored }: PlanContext, activity: string): Promise<void> =>
  stored.releaseEnvironment({ belongsTo, environment: current.environment, activity, at: Date.now() });

const attempt = (
  { plan: { current }, belongsTo, stored }: PlanContext,
  { name, environment: mode }: PlanActivity,
): Promise<boolean> =>
  stored.reserveEnvironment({
    belongsTo,
    environment: current.environment,
    activity: name,
    mode: mode as 'exclusive' | 'shared',
    at: Date.now(),
  });

const pollMsOf = ({ timing }: PlanContext): number => Math.max(pollEveryMs, timing.reserveWithinMs / mostPolls);

/**
 * What is undone is undone under the same terms: others who have the environment now are waited for, for as long
 * as the plan says. Then it is done all the same, since half of it must not stand, and the report says so.
 */
export const reserveForUndo = async (context: PlanContext, activity: PlanActivity): Promise<void> => {
  const { plan, timing } = context;
  const until = Date.now() + timing.reserveWithinMs;
  let isTold = false;
  while (!(await attempt(context, activity))) {
    if (Date.now() >= until) {
      const deviation = `${activity.name} was undone while others had ${plan.current.environment}`;
      plan.apply(deviated(plan.current, deviation), { action: 'activity.undo-unreserved', reason: deviation });
      return;
    }
    if (!isTold) change(context, activity.name, { status: 'undoing', detail: 'the environment is reserved' });
    isTold = true;
    await sleep(pollMsOf(context));
  }
};

/** Waits for the environment, for as long as the plan says. False: given up. */
export const reserve = async (context: PlanContext, activity: PlanActivity): Promise<boolean> => {
  const { name, environment: mode } = activity;
  const { plan, timing } = context;
  if (mode === 'none') return true;
  const until = Date.now() + timing.reserveWithinMs;
  const isGivenUp = (): boolean => isStopping(context) || !['planned', 'waiting'].includes(statusOf(context, name));
  const isHeld = (): boolean => plan.current.paused || !isStaffed(plan.current, name);
  for (;;) {
    const isReserved = await attempt(context, activity);
    if (isGivenUp() || (isReserved && isHeld())) {
      // An attempt that was given up may still come in; one of a plan that is held keeps nobody else waiting.
      await release(context, name);
      await condition(() => !isHeld() || isGivenUp());
      return isGivenUp() ? false : reserve(context, activity);
    }
    if (isReserved) return true;
    if (statusOf(context, name) === 'planned')
      change(context, name, { status: 'waiting', detail: 'the environment is reserved' });
    if (Date.now() >= until) {
      const detail = `${plan.current.environment} was not free in time`;
      change(context, name, { status: 'undone', detail, endedAt: now() });
      return false;
    }
    await condition(isGivenUp, pollMsOf(context));
  }
};
