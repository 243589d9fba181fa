import { CancelledFailure } from '@temporalio/common';

/** An activity that was told to stop has not failed. */
export const isCancelled = (error: unknown): boolean =>
  error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError');
