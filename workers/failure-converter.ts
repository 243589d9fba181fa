import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stacks of errors become payloads, which are sealed. Found by its path, also in the bundle of workflows. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
