import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { WorldPorts } from '../activities/index.ts';
import type { RecordKinds } from '../activities/record-kind.ts';
import { notifyOfStall } from '../activities/notification/stalled.ts';
import { type Answer, type Ask, isAsk, type Refusal } from '../domain/ask.rules.ts';
import { DomainError } from '../domain/errors.ts';
import { keepable } from '../domain/text.ts';
import type { StallStore } from '../storage/stall.ts';

/** A passing fault is over by then; what is not is told to people. */
const noted = 4;

/**
 * Refuses what was not sealed for an activity, says in each answer and failure which ask it belongs to, and notes an
 * activity that fails again and again until it works.
 */
export const createActivityInterceptor =
  (stalls: StallStore, ports: WorldPorts & { kinds: RecordKinds }, log: Logger) => (): ActivityInterceptors => ({
    inbound: {
      async execute(input, next) {
        const { activityType: what, attempt, workflowExecution, isLocal } = activityInfo();
        const [ask] = input.args;
        if (!isAsk(ask) || ask.activity !== what)
          throw new DomainError('not-allowed', 'what was asked was not sealed for this activity');
        const workflowId = workflowExecution?.workflowId ?? '';
        try {
          const result = await next({ ...input, args: ask.args });
          if (attempt >= noted && !isLocal) await stalls.clear(workflowId, what).catch(() => undefined);
          return { to: ask.id, result } satisfies Answer;
        } catch (error) {
          const failure = failureOf(ask, error);
          if (error instanceof DomainError || isLocal) throw failure;
          log.warn({ err: error, activity: what, workflowId, attempt }, 'an activity failed and is tried again');
          if (attempt < noted) throw failure;
          const reason = keepable(error instanceof Error ? error.message : String(error), 500);
          await stalls
            .note({ workflowId, what, reason, attempts: attempt })
            .then((stall) => notifyOfStall(ports, stall))
            // The database may be what is away: then that is what everybody sees.
            .catch((err: unknown) => log.debug({ err }, 'a stall was not noted'));
          throw failure;
        }
      },
    },
  });

/** The error as the failure of this ask; what is cancelled ends as it is. */
const failureOf = ({ id }: Ask, error: unknown): unknown => {
  if (error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError')) return error;
  const failure = ApplicationFailure.fromError(error);
  const told: Refusal = { to: id, type: failure.type ?? '' };
  return ApplicationFailure.fromError(failure, { details: [told] });
};
