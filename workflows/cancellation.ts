import { isCancellation } from '@temporalio/workflow';

/** What runs beside a workflow ends with it, which is no failure. */
export const unlessCancelled = (error: unknown): void => {
  if (!isCancellation(error)) throw error;
};
