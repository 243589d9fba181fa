import type { RetryPolicy } from '@temporalio/common';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** Refusals of the domain are final; everything else is passing and is tried again until it works. */
const retry: RetryPolicy = {
  initialInterval: '200 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '15 seconds',
  nonRetryableErrorTypes: ['DomainError'],
};

/** Reads and writes of our own database. */
export const stored = proxyActivities<Activities>({ startToCloseTimeout: '15 seconds', retry });

/** Looks at the world: probes have limits of their own, of ten seconds each. */
export const looking = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '25 seconds',
  retry,
});

/** Short writes and reads that run inside the workflow task, for a moment only. */
export const quick = proxyLocalActivities<Activities>({
  scheduleToCloseTimeout: '2 seconds',
  retry: { maximumAttempts: 2 },
});

/** A step: as long as the step says, with heartbeats so that a dead worker is noticed. */
export const acting = (timeoutMs: number): Pick<Activities, 'runStep' | 'undoStep'> =>
  proxyActivities<Activities>({
    startToCloseTimeout: timeoutMs + 15_000,
    heartbeatTimeout: '12 seconds',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry,
  });
