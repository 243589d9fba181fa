import { ApplicationFailure, log, setDefaultSignalHandler, setDefaultUpdateHandler } from '@temporalio/workflow';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Each command was accepted under its id: one that comes under another was taken from somewhere. */
export const refuseUnaccepted = (why: unknown, id: string): void => {
  const isWhole =
    isObject(why) &&
    isObject(why['by']) &&
    typeof why['by']['type'] === 'string' &&
    typeof why['by']['name'] === 'string' &&
    typeof why['at'] === 'string' &&
    ['string', 'undefined'].includes(typeof why['reason']);
  if (!isWhole) throw ApplicationFailure.nonRetryable('the command cannot be read', 'invalid');
  if (why['command'] !== id) throw ApplicationFailure.nonRetryable('no such command was accepted', 'not-allowed');
};

/** What nobody handles would be kept for as long as the workflow lives. Set when all handlers are there. */
export const refuseStrangers = (): void => {
  setDefaultSignalHandler((signal) => log.warn('nobody hears this signal', { signal }));
  setDefaultUpdateHandler((update) => {
    throw ApplicationFailure.nonRetryable(`there is no command ${update}`, 'invalid');
  });
};
