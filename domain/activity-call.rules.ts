import { isObject } from './object.rules.ts';

/** What a workflow asks of an activity: sealed as one, so that no part of it passes for a part of another call. */
export interface ActivityCall {
  /** Once in the life of all runs under one workflow id. */
  id: string;
  activity: string;
  args: unknown[];
}

/** What came of a call, which it names: what came of another one is no answer. */
export interface ActivityAnswer {
  to: string;
  result?: unknown;
}

/** What a failure carries besides its words, since Temporal holds its type in plain. */
export interface ActivityRefusal {
  to: string;
  type: string;
}

export const isCall = (value: unknown): value is ActivityCall =>
  isObject(value) &&
  typeof value['id'] === 'string' &&
  typeof value['activity'] === 'string' &&
  Array.isArray(value['args']);

export const isAnswerTo = (id: string, value: unknown): value is ActivityAnswer =>
  isObject(value) && value['to'] === id;

export const isRefusalOf = (id: string, type: string | null | undefined, value: unknown): value is ActivityRefusal =>
  isObject(value) && value['to'] === id && value['type'] === type;
