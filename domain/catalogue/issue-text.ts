import type { z } from 'zod';
import { hint } from './suggestion.ts';

/** What is wrong with a written value, in words for who wrote it. */
export const faultText = (issue: z.core.$ZodIssue, value: unknown): string => {
  const choices = choicesOf(issue);
  const said = choices.length === 0 ? `${saying(issue)}${quotes(issue, value)}` : choiceText(choices, value);
  return value === undefined ? `is missing: ${said}` : said;
};

/** How a number or a boolean becomes the text that was asked for. */
const quotes = (issue: z.core.$ZodIssue, value: unknown): string =>
  issue.code === 'invalid_type' &&
  issue.expected === 'string' &&
  (typeof value === 'number' || typeof value === 'boolean')
    ? ': put it in quotes'
    : '';

/** The library's words without what the writer has no use for. */
export const saying = ({ message }: { message: string }): string =>
  message.replace(/^Invalid input: |, received (?:undefined|NaN)$/g, '');

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
