import type { RefusalCode } from './errors.ts';
import { isObject } from './object.rules.ts';

/** What a workflow answers to a command that it has carried out: the state of the record that it led to. */
export interface Receipt {
  /** Id of the command. No command has a field of this name, so none passes for its own receipt. */
  receiptOf: string;
  rev: number;
}

/** What a workflow answers to a command that it refuses. It is sealed whole: what Temporal holds in plain is not believed. */
export interface RefusedCommand {
  refusalOf: string;
  code: RefusalCode;
  reason: string;
  field?: string;
}

const codes: readonly unknown[] = ['invalid', 'not-allowed', 'not-found', 'conflict'] satisfies RefusalCode[];

export const isReceiptOf = (command: string, answer: unknown): answer is Receipt =>
  isObject(answer) && answer['receiptOf'] === command && typeof answer['rev'] === 'number';

export const isRefusalOfCommand = (command: string, detail: unknown): detail is RefusedCommand =>
  isObject(detail) &&
  detail['refusalOf'] === command &&
  codes.includes(detail['code']) &&
  typeof detail['reason'] === 'string' &&
  ['string', 'undefined'].includes(typeof detail['field']);
