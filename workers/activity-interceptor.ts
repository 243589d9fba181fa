import { activityInfo } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { WorldPorts } from '../activities/index.ts';
import type { RecordKinds } from '../activities/record-kind.ts';
import { notifyOfStall } from '../activities/notification/stalled.ts';
import { DomainError } from '../domain/errors.ts';
import { keepable } from '../domain/text.ts';
import { isUnreadable } from '../domain/unreadable.rules.ts';
import type { StallStore } from '../storage/stall.ts';

/** A passing fault is over by then; what is not is told to people. */
const noted = 4;

/** Refuses what was not sealed for an activity, and notes an activity that fails again and again until it works. */
export const createActivityInterceptor =
  (stalls: StallStore, ports: WorldPorts & { kinds: RecordKinds }, log: Logger) => (): ActivityInterceptors => ({
    inbound: {
      async execute(input, next) {
        if (input.args.some(isUnreadable))
          throw new DomainError('not-allowed', 'what was asked was not sealed for this activity');
        const { activityType: what, attempt, workflowExecution, isLocal } = activityInfo();
        const workflowId = workflowExecution?.workflowId ?? '';
        try {
          const result = await next(input);
          if (attempt >= noted && !isLocal) await stalls.clear(workflowId, what).catch(() => undefined);
          return result;
        } catch (error) {
          if (error instanceof DomainError || isLocal) throw error;
          log.warn({ err: error, activity: what, workflowId, attempt }, 'an activity failed and is tried again');
          if (attempt < noted) throw error;
          const reason = keepable(error instanceof Error ? error.message : String(error), 500);
          await stalls
            .note({ workflowId, what, reason, attempts: attempt })
            .then((stall) => notifyOfStall(ports, stall))
            // The database may be what is away: then that is what everybody sees.
            .catch((err: unknown) => log.debug({ err }, 'a stall was not noted'));
          throw error;
        }
      },
    },
  });
