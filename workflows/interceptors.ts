import {
  ActivityFailure,
  ApplicationFailure,
  log,
  sleep,
  uuid4,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import { type ActivityCall, isAnswerTo, isRefusalOf } from '../domain/activity-call.rules.ts';
import { isUnreadable } from '../domain/unreadable.rules.ts';

const mostCalls = 3;
const pauseMs = 1_000;

const refusal = (what: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${what} was not sealed for this workflow`, 'not-allowed');

const refuseUnreadable = (what: string, args: readonly unknown[]): void => {
  if (args.some(isUnreadable)) throw refusal(what);
};

/** Whether an activity may fail permanently with this type. */
type MayFail = (type: string | null | undefined) => boolean;

/**
 * Accepts only an answer to this call. One that was forged, or given to another call, is ignored, and the call is repeated
 * up to three times. Each promise costs a stack trace in the workflow's sandbox, so there are few.
 */
const answered = <Input extends { activityType: string; args: unknown[] }>(
  input: Input,
  next: (input: Input) => Promise<unknown>,
  mayFail: MayFail,
  left = mostCalls,
): Promise<unknown> => {
  const call: ActivityCall = { id: uuid4(), activity: input.activityType, args: input.args };
  const repeat = async (): Promise<unknown> => {
    // A fault of the task, not of the workflow: a person has to look.
    if (left === 1) throw new Error(`an answer to ${input.activityType} was not sealed for this call`);
    await sleep(pauseMs);
    return answered(input, next, mayFail, left - 1);
  };
  return next({ ...input, args: [call] }).then(
    (answer) => (isAnswerTo(call.id, answer) ? answer.result : repeat()),
    (error: unknown) => {
      if (isOurs(error, call, mayFail)) throw error;
      return repeat();
    },
  );
};

/** Whether the failure is the server's, or one that our worker sealed for this call. */
const isOurs = (error: unknown, { id }: ActivityCall, mayFail: MayFail): boolean => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  // The server reports timeouts and cancellations.
  if (!(cause instanceof ApplicationFailure)) return true;
  return isRefusalOf(id, cause.type, cause.details?.[0]) && mayFail(cause.type);
};

/** The server retries passing faults until they pass, so any other permanent failure is forged. */
const inRefusalAlone: MayFail = (type) => type === 'DomainError';

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
      scheduleActivity: (input, next) => answered(input, next, inRefusalAlone),
      scheduleLocalActivity: (input, next) => answered(input, next, () => true),
    },
  ],
});
