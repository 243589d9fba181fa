import type { z } from 'zod';
import { hint } from './suggestion.ts';

/** What is wrong with a written value, in words for who wrote it. */
export const faultText = (issue: z.core.$ZodIssue, value: unknown): string => {
  const choices = choicesOf(issue);
  if (choices.length === 0) return value === undefined ? 'is missing' : `${saying(issue)}${quotes(issue, value)}`;
  const said = choiceText(choices, value);
  return value === undefined ? `is missing: ${said}` : said;
};

/** How a number or a boolean becomes the text that was asked for. */
const quotes = (issue: z.core.$ZodIssue, value: unknown): string =>
  issue.code === 'invalid_type' &&
  issue.expected === 'string' &&
  (typeof value === 'number' || typeof value === 'boolean')
    ? ': put it in quotes'
    : '';

/** What an issue says in words of ours; what a schema says in its own words stays. */
export const saying = (issue: z.core.$ZodIssue): string => {
  const { message } = issue;
  if (!/^(?:Too (?:small|big)|Invalid)\b/.test(message)) return message;
  if (issue.code === 'too_small')
    return isEmptyText(issue)
      ? 'must not be empty'
      : limitText(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
  if (issue.code === 'too_big')
    return limitText(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
  if (issue.code === 'invalid_format') return formats[issue.format] ?? message.replace(/^Invalid string: /, '');
  if (issue.code === 'invalid_type' && issue.expected === 'int') return 'expected a whole number';
  return message.replace(libraryWords, '');
};

const libraryWords = /^Invalid input: |, received (?:undefined|NaN)$/g;

const isEmptyText = ({ origin, minimum }: z.core.$ZodIssueTooSmall): boolean => origin === 'string' && minimum === 1;

const limitText = (origin: string, comparison: string, limit: number | bigint): string => {
  if (origin === 'string') return `must have ${comparison} ${limit} character${limit === 1 ? '' : 's'}`;
  if (origin === 'array') return `must have ${comparison} ${limit} item${limit === 1 ? '' : 's'}`;
  return `must be ${comparison} ${limit}`;
};

const formats: Record<string, string> = {
  url: 'must be a URL such as https://example.com/page',
  uuid: 'must be an id such as 3f0c1a52-7d1e-4b8a-9c55-0d2f6a1b7e90',
  email: 'must be an address such as ana@example.com',
  date: 'must be a date such as 2026-12-15',
  datetime: 'must be a time such as 2026-11-28T09:30:00Z',
};

/** What may stand where something else was written, with the one of these words that was probably meant. */
export const choiceText = (choices: readonly string[], value: unknown, words = choices): string => {
  const near = typeof value === 'string' ? hint(value, words) : '';
  return choices.length === 1 ? `expected ${choices[0]}${near}` : `expected one of ${choices.join(', ')}${near}`;
};

/** The words of an enumeration, or the kinds of a union that is told apart by one field. */
export const choicesOf = (issue: z.core.$ZodIssue): string[] => {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []).map(String) : [];
};
