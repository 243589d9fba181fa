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

let isInTurn = false;
let last: Promise<unknown> = Promise.resolve();

/**
 * One local activity at a time, in the order in which they were asked for. A history does not tell which of two that run
 * side by side had ended first when the workflow went on, so they could not be replayed.
 */
const inTurn = (work: () => Promise<unknown>): Promise<unknown> => {
  const before = last;
  const turn = before.then(work);
  last = turn.catch(() => undefined);
  return turn;
};

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
        const attempt = (): Promise<unknown> => untyped(local)[name]!(...asked);
        return await (isInTurn ? inTurn(attempt) : attempt());
      } catch (error) {
        if (isCancellation(error) || refusalOf(error) !== undefined) throw error;
        return untyped(scheduled)[name]!(...asked);
      }
    },
});

let isLocal = false;

/** How a workflow works from its opening on; those that began before a way was there go on without it. */
export const workAs = ({ worksLocally, worksInTurn }: { worksLocally?: true; worksInTurn?: true }): void => {
  isLocal = worksLocally ?? false;
  isInTurn = worksInTurn ?? false;
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
