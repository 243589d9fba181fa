import {
  ActivityFailure,
  ApplicationFailure,
  log,
  sleep,
  uuid4,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import { type Ask, isAnswerTo, isRefusalOf } from '../domain/ask.rules.ts';
import { isUnreadable } from '../domain/unreadable.rules.ts';

const answersTried = 3;
const pauseMs = 1_000;

const refusal = (what: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${what} was not sealed for this workflow`, 'not-allowed');

const refuseUnreadable = (what: string, args: readonly unknown[]): void => {
  if (args.some(isUnreadable)) throw refusal(what);
};

/** Says whether an activity may fail for good in this way. */
type MayFail = (type: string | null | undefined) => boolean;

/**
 * The answer to this very ask. Somebody else may have answered in the place of our worker, or with what another activity
 * gave: then it is asked again, a few times.
 */
const answered = async <Input extends { activityType: string; args: unknown[] }>(
  input: Input,
  next: (input: Input) => Promise<unknown>,
  mayFail: MayFail,
): Promise<unknown> => {
  for (let tried = 1; ; tried += 1) {
    const ask: Ask = { id: uuid4(), activity: input.activityType, args: input.args };
    const answer = await next({ ...input, args: [ask] }).catch(unlessToldBy(ask, mayFail));
    if (isAnswerTo(ask.id, answer)) return answer.result;
    // A fault of the task, not of the workflow: a person has to look.
    if (tried === answersTried) throw new Error(`an answer to ${input.activityType} was not sealed for this ask`);
    await sleep(pauseMs);
  }
};

/** A failure of which our worker did not say that it is of this ask is no answer. */
const unlessToldBy =
  ({ id }: Ask, mayFail: MayFail) =>
  (error: unknown): undefined => {
    const cause = error instanceof ActivityFailure ? error.cause : error;
    // Times that are up, and what is cancelled, are told by the server.
    if (!(cause instanceof ApplicationFailure)) throw error;
    if (isRefusalOf(id, cause.type, cause.details?.[0]) && mayFail(cause.type)) throw error;
  };

/** What may pass is tried by the server until it works: only somebody else would have it fail for good. */
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
