import type { z } from 'zod';
import { hint } from './suggestion.ts';

/** What is wrong with a written value, in words for who wrote it. */
export const faultText = (issue: z.core.$ZodIssue, value: unknown): string => {
  const said = choiceText(issue, value) ?? saying(issue);
  return value === undefined ? `is missing: ${said}` : said;
};

/** The library's words without what the writer has no use for. */
export const saying = ({ message }: { message: string }): string =>
  message.replace(/^Invalid input: |, received (?:undefined|NaN)$/g, '');

/** What may stand where something else was written, with the word that was probably meant; undefined for other faults. */
const choiceText = (issue: z.core.$ZodIssue, value: unknown): string | undefined => {
  const choices = choicesOf(issue);
  return choices.length === 0 ? undefined : `expected ${oneOf(choices)}${nearOf(value, choices)}`;
};

/** The words of an enumeration, or the kinds of a union that is told apart by one field. */
export const choicesOf = (issue: z.core.$ZodIssue): string[] => {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []).map(String) : [];
};

export const oneOf = (choices: readonly string[]): string =>
  choices.length === 1 ? choices[0]! : `one of ${choices.join(', ')}`;

export const nearOf = (value: unknown, choices: readonly string[]): string =>
  typeof value === 'string' ? hint(value, choices) : '';
