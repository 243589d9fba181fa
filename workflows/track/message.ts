import { ApplicationFailure, log, setDefaultSignalHandler, setDefaultUpdateHandler } from '@temporalio/workflow';
import { DomainError } from '../../domain/errors.ts';
import type { RefusedCommand } from '../../domain/receipt.rules.ts';
import { isObject } from '../../domain/object.rules.ts';

/** A refusal names its command: that of another one says nothing of this one. */
export const refusedCommand = (command: string, { code, message, field }: DomainError): ApplicationFailure => {
  const refused: RefusedCommand = { refusalOf: command, code, reason: message, ...(field !== undefined && { field }) };
  return ApplicationFailure.nonRetryable(message, code, refused);
};

/** Each command was accepted under its id: one that comes under another was taken from somewhere. */
export const refuseUnaccepted = (why: unknown, id: string): void => {
  const isWhole =
    isObject(why) &&
    isObject(why['by']) &&
    typeof why['by']['type'] === 'string' &&
    typeof why['by']['name'] === 'string' &&
    typeof why['at'] === 'string' &&
    ['string', 'undefined'].includes(typeof why['reason']);
  if (!isWhole) throw refusedCommand(id, new DomainError('invalid', 'the command cannot be read'));
  if (why['command'] !== id) throw refusedCommand(id, new DomainError('not-allowed', 'no such command was accepted'));
};

/** What nobody handles would be kept for as long as the workflow lives. Set when all handlers are there. */
export const refuseStrangers = (): void => {
  setDefaultSignalHandler((signal) => log.warn('nobody hears this signal', { signal }));
  setDefaultUpdateHandler((update) => {
    throw ApplicationFailure.nonRetryable(`there is no command ${update}`, 'invalid');
  });
};
