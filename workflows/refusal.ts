import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** Why the domain refused what an activity was asked for; undefined for any other error, which may pass. */
export const refusalOf = (error: unknown): string | undefined => {
  // A local activity fails with the refusal itself.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.type === 'DomainError' ? cause.message : undefined;
};
