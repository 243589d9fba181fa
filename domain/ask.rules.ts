import { isObject } from './object.rules.ts';

/** What a workflow asks of an activity: sealed as one, so that no part of it passes for a part of another ask. */
export interface Ask {
  /** Once in the life of all runs under one workflow id. */
  id: string;
  activity: string;
  args: unknown[];
}

/** What came of an ask, which it names: what came of another one is no answer. */
export interface Answer {
  to: string;
  result?: unknown;
}

/** What a failure carries besides its words, since Temporal holds its type in plain. */
export interface Refusal {
  to: string;
  type: string;
}

export const isAsk = (value: unknown): value is Ask =>
  isObject(value) &&
  typeof value['id'] === 'string' &&
  typeof value['activity'] === 'string' &&
  Array.isArray(value['args']);

export const isAnswerTo = (id: string, value: unknown): value is Answer => isObject(value) && value['to'] === id;

export const isRefusalOf = (id: string, type: string | null | undefined, value: unknown): value is Refusal =>
  isObject(value) && value['to'] === id && value['type'] === type;
