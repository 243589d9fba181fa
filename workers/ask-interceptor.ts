import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';
import { type Answer, type Ask, isAsk, type Refusal } from '../domain/ask.rules.ts';
import { DomainError } from '../domain/errors.ts';
import { isCancelled } from './cancelled.ts';

/** Refuses a call that was not sealed for the activity; each answer and each failure names the call that it belongs to. */
export const createAskInterceptor = (): ActivityInterceptors => ({
  inbound: {
    async execute(input, next) {
      const [ask] = input.args;
      if (!isAsk(ask) || ask.activity !== activityInfo().activityType)
        throw new DomainError('not-allowed', 'what was asked was not sealed for this activity');
      try {
        return { to: ask.id, result: await next({ ...input, args: ask.args }) } satisfies Answer;
      } catch (error) {
        throw isCancelled(error) ? error : failureOf(ask, error);
      }
    },
  },
});

const failureOf = ({ id }: Ask, error: unknown): ApplicationFailure => {
  const failure = ApplicationFailure.fromError(error);
  const refusal: Refusal = { to: id, type: failure.type ?? '' };
  return ApplicationFailure.fromError(failure, { details: [refusal] });
};
