import type { RetryPolicy } from '@temporalio/common';
import { isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { refusalOf } from './refusal.ts';

/** Refusals of the domain are final; everything else is passing and is tried again until it works. */
const retry: RetryPolicy = {
  initialInterval: '200 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '15 seconds',
  nonRetryableErrorTypes: ['DomainError'],
};

const scheduled = proxyActivities<Activities>({ startToCloseTimeout: '15 seconds', retry });

/** Runs inside the workflow task, for a moment only. */
const local = proxyLocalActivities<Activities>({
  scheduleToCloseTimeout: '2 seconds',
  retry: { maximumAttempts: 2, nonRetryableErrorTypes: ['DomainError'] },
});

type Untyped = Record<string, (...asked: unknown[]) => Promise<unknown>>;
const untyped = (activities: Activities): Untyped => activities as unknown as Untyped;

/**
 * Short reads and writes, tried inside the workflow task first: a task of the server costs more than our own database
 * does. A database that is away is waited for by the server. An attempt whose time was up may still go on beside the
 * next one and end behind it: keys, row locks, newer revisions and the plan's own clock make that harmless.
 */
export const quick: Activities = new Proxy(scheduled, {
  get:
    (_, name: string) =>
    async (...asked: unknown[]): Promise<unknown> => {
      try {
        return await untyped(local)[name]!(...asked);
      } catch (error) {
        if (isCancellation(error) || refusalOf(error) !== undefined) throw error;
        return untyped(scheduled)[name]!(...asked);
      }
    },
});

let isLocal = false;

/** For the workflow that calls it, from then on: `stored` is tried inside the workflow task first. */
export const workLocally = (): void => {
  isLocal = true;
};

/** Short work that asks nobody outside: safe to run twice, and in any order with itself. */
export const stored: Activities = new Proxy(scheduled, {
  get: (_, name: string) => untyped(isLocal ? quick : scheduled)[name],
});

/** Looks at the world: probes have limits of their own, of ten seconds each. */
export const looking = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '25 seconds',
  retry,
});

/** A step: as long as the step says, with heartbeats so that a dead worker is noticed. */
export const acting = (timeoutMs: number): Pick<Activities, 'runStep' | 'undoStep'> =>
  proxyActivities<Activities>({
    startToCloseTimeout: timeoutMs + 15_000,
    heartbeatTimeout: '12 seconds',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry,
  });
