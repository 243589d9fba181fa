import type { ActivityInterceptors } from '@temporalio/worker';
import { DomainError } from '../domain/errors.ts';
import { isUnreadable } from '../domain/unreadable.rules.ts';

/** An activity that was asked by anything but our workflows does nothing. */
export const refuseUnreadable = (): ActivityInterceptors => ({
  inbound: {
    async execute(input, next) {
      if (input.args.some(isUnreadable))
        throw new DomainError('not-allowed', 'what was asked was not sealed for this activity');
      return next(input);
    },
  },
});
