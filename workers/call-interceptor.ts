import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';
import { type ActivityAnswer, type ActivityCall, type ActivityRefusal, isCall } from '../domain/activity-call.rules.ts';
import { DomainError } from '../domain/errors.ts';
import { isCancelled } from './cancelled.ts';

/** Refuses a call that was not sealed for the activity; each answer and each failure names the call that it belongs to. */
export const createCallInterceptor = (): ActivityInterceptors => ({
  inbound: {
    async execute(input, next) {
      const [call] = input.args;
      if (!isCall(call) || call.activity !== activityInfo().activityType)
        throw new DomainError('not-allowed', 'what was asked was not sealed for this activity');
      try {
        return { to: call.id, result: await next({ ...input, args: call.args }) } satisfies ActivityAnswer;
      } catch (error) {
        throw isCancelled(error) ? error : failureOf(call, error);
      }
    },
  },
});

const failureOf = ({ id }: ActivityCall, error: unknown): ApplicationFailure => {
  const failure = ApplicationFailure.fromError(error);
  const refusal: ActivityRefusal = { to: id, type: failure.type ?? '' };
  return ApplicationFailure.fromError(failure, { details: [refusal] });
};
