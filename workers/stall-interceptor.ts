import { activityInfo } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { WorldPorts } from '../activities/index.ts';
import type { RecordKinds } from '../activities/record-kind.ts';
import { notifyOfStall } from '../activities/notification/stalled.ts';
import { DomainError } from '../domain/errors.ts';
import { keepable } from '../domain/text.ts';
import type { StallStore } from '../storage/stall.ts';
import { isCancelled } from './cancelled.ts';

/** A fault that passes by itself has passed by then; people hear of any other. */
const attemptsBeforeStall = 4;

/** Logs what fails, and notes an activity that keeps failing until it works or is refused. */
export const createStallInterceptor =
  (stalls: StallStore, ports: WorldPorts & { kinds: RecordKinds }, log: Logger) => (): ActivityInterceptors => ({
    inbound: {
      async execute(input, next) {
        const { activityType: what, attempt, workflowExecution, isLocal } = activityInfo();
        // The server runs what fails here once more.
        if (isLocal) return next(input);
        const workflowId = workflowExecution?.workflowId ?? '';
        const clear = async (): Promise<void> => {
          if (attempt >= attemptsBeforeStall) await stalls.clear(workflowId, what).catch(() => undefined);
        };
        try {
          const result = await next(input);
          await clear();
          return result;
        } catch (error) {
          if (error instanceof DomainError || isCancelled(error)) {
            await clear();
            throw error;
          }
          log.warn({ err: error, activity: what, workflowId, attempt }, 'an activity failed and is tried again');
          if (attempt < attemptsBeforeStall) throw error;
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
