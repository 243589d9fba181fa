import { condition } from '@temporalio/workflow';
import type { PlanActivity } from '../../domain/operation-plan.ts';
import { stored } from '../activities.ts';
import { now } from '../track.ts';
import { change, type PlanContext, isStopping, statusOf } from './context.ts';
import { knows } from '../versions.ts';

const pollEveryMs = 15_000;
/** A history has room for some thousands of looks. */
const mostPolls = 2_000;

/** Gives the environment back. */
export const release = ({ plan: { current } }: PlanContext, activity: string): Promise<void> =>
  stored.releaseEnvironment({ plan: current.id, environment: current.environment, activity, at: Date.now() });

/** Waits for the environment, for as long as the plan says. False: given up. */
export const reserve = async (context: PlanContext, activity: PlanActivity): Promise<boolean> => {
  const { name, environment: mode } = activity;
  const { plan, timing } = context;
  if (mode === 'none') return true;
  const until = Date.now() + timing.reserveWithinMs;
  const isGivenUp = (): boolean => isStopping(context) || !['planned', 'waiting'].includes(statusOf(context, name));
  while (
    !(await stored.reserveEnvironment({
      plan: plan.current.id,
      environment: plan.current.environment,
      activity: name,
      mode,
      at: Date.now(),
    }))
  ) {
    if (isGivenUp()) {
      // An attempt that was given up may still come in.
      if (timing.worksInTurn) await release(context, name);
      return false;
    }
    if (statusOf(context, name) === 'planned')
      change(context, name, { status: 'waiting', detail: 'the environment is reserved' });
    if (Date.now() >= until) {
      change(context, name, {
        status: 'undone',
        detail: `${plan.current.environment} was not free in time`,
        endedAt: now(),
      });
      return false;
    }
    await condition(isGivenUp, Math.max(pollEveryMs, timing.reserveWithinMs / mostPolls));
  }
  if (!isGivenUp() && plan.current.paused && timing.worksInTurn) {
    // It begins nothing while the plan is paused, and keeps nobody else waiting.
    await release(context, name);
    await condition(() => !plan.current.paused || isGivenUp());
    return isGivenUp() ? false : reserve(context, activity);
  }
  if (!isGivenUp()) return true;
  if (knows('release-at-end')) await release(context, name);
  return false;
};
