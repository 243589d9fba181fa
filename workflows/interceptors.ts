import { ActivityFailure, ApplicationFailure, log, sleep, type WorkflowInterceptors } from '@temporalio/workflow';
import { isUnreadable, unreadable, unsealed } from '../domain/unreadable.rules.ts';

const answersTried = 3;
const pauseMs = 1_000;

const refusal = (what: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${what} was not sealed for this workflow`, 'not-allowed');

const refuseUnreadable = (what: string, args: readonly unknown[]): void => {
  if (args.some(isUnreadable)) throw refusal(what);
};

/** Somebody else may have answered in the place of our worker: it is asked again, a few times. */
const answered = async (ask: () => Promise<unknown>): Promise<unknown> => {
  for (let tried = 1; ; tried += 1) {
    const answer = await ask().catch(unlessUnsealed);
    if (!isUnreadable(answer)) return answer;
    // A fault of the task, not of the workflow: a person has to look.
    if (tried === answersTried) throw new Error('an answer was not sealed for this workflow');
    await sleep(pauseMs);
  }
};

/** A failure that nobody of us has told is no answer. */
const unlessUnsealed = (error: unknown): unknown => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.type === unsealed) return unreadable;
  throw error;
};

/** What was not sealed by us reaches no workflow: a start fails, an update is refused, a signal is not heard. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        refuseUnreadable('the start', input.args);
        return next(input);
      },
      async handleSignal(input, next) {
        if (input.args.some(isUnreadable))
          return log.warn('a signal was not sealed for this workflow', { signal: input.signalName });
        return next(input);
      },
      validateUpdate(input, next) {
        refuseUnreadable(`update ${input.name}`, input.args);
        next(input);
      },
      async handleQuery(input, next) {
        refuseUnreadable(`query ${input.queryName}`, input.args);
        return next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => answered(() => next(input)),
      scheduleLocalActivity: (input, next) => answered(() => next(input)),
      async startChildWorkflowExecution(input, next) {
        const [started, ended] = await next(input);
        return [
          started,
          ended.then((result) => {
            refuseUnreadable('the result of a run', [result]);
            // A run says how it ended: whoever completed it with nothing is none of our workers.
            if (result === undefined) throw refusal('the result of a run');
            return result;
          }),
        ];
      },
    },
  ],
});
