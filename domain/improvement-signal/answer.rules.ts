import { DomainError } from '../errors.ts';
import type { ImprovementSignal, SignalAnswer } from '../improvement-signal.ts';

const dayMs = 86_400_000;

/** An answer within so long, and what was accepted done within so long unless somebody says otherwise. */
export const answerWithinMs = 14 * dayMs;
const doneWithinMs = 90 * dayMs;
/** What is late is asked for again after so long. */
export const chaseEveryMs = 7 * dayMs;

/** Refuses to reject or accept twice, to end what nobody accepted, and to be done without a measured effect. */
export const answered = (
  signal: ImprovementSignal,
  { answer, reason, effect, doneBy }: SignalAnswer,
  { by, at }: { by: string; at: string },
): ImprovementSignal => {
  const { status } = signal;
  const isNext = status === 'open' ? answer !== 'done' : status === 'accepted' && answer !== 'accepted';
  if (!isNext)
    throw new DomainError('conflict', `signal ${signal.id} is ${status}, so it cannot become ${answer}`, 'answer');
  if (answer === 'done' && effect === undefined)
    throw new DomainError('invalid', 'say what was measured afterwards', 'effect');
  if (answer !== 'done' && effect !== undefined)
    throw new DomainError('invalid', 'only what is done has an effect', 'effect');
  if (answer !== 'accepted' && doneBy !== undefined)
    throw new DomainError('invalid', 'only what is accepted is to be done by a date', 'doneBy');
  const dueAt =
    doneBy === undefined ? new Date(Date.parse(at) + doneWithinMs).toISOString() : `${doneBy}T23:59:59.999Z`;
  if (dueAt <= at) throw new DomainError('invalid', 'expected a date to come', 'doneBy');
  return {
    ...signal,
    status: answer,
    ...(answer === 'accepted' ? { dueAt, chased: 0 } : {}),
    answers: [...signal.answers, { answer, by, at, reason, ...(effect === undefined ? {} : { effect }) }],
  };
};

/** Whether somebody is to be reminded now (milliseconds). */
export const isChased = ({ status, dueAt, chased }: ImprovementSignal, now: number): boolean =>
  (status === 'open' || status === 'accepted') && now >= Date.parse(dueAt) + chased * chaseEveryMs;
