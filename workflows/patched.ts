import { patched as patchedBySdk } from '@temporalio/workflow';

/**
 * What workflows of this version do otherwise than those of a released one: the name of each change, with how it was
 * before. The list begins with 0.2.0. A change may go, and the old way with it, once no history of before has to replay.
 */
const changes = {} as const satisfies Record<string, string>;

/** True where this history began, or went on, after the change: Temporal's `patched`, for the changes of the list alone. */
export const patched = (change: keyof typeof changes): boolean => patchedBySdk(change);
