import { isObject } from './object.rules.ts';
import type { DomainError } from './errors.ts';

/** Receipt of a command: the revision of the record that it led to. */
export interface Receipt {
  id: string;
  rev: number;
}

/** What a refusal says besides its words; it is sealed, and Temporal's type of a failure is not. */
export interface RefusedCommand extends Pick<DomainError, 'code'> {
  command: string;
  field?: string;
}

export const isReceiptOf = (command: string, answer: unknown): answer is Receipt =>
  isObject(answer) && answer['id'] === command;

export const isRefusalOfCommand = (command: string, detail: unknown): detail is RefusedCommand =>
  isObject(detail) && detail['command'] === command;
