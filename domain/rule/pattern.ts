import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { DomainError } from '../errors.ts';

export const longestPattern = 500;
/** Of all patterns of one rule. A repetition is written out when its pattern is compiled. */
export const [mostRepeats, largestPatterns] = [250, 500];
/** What a rule may match, in characters times the size of patterns: the largest with a text as long as an annotation may be. */
const mostMatched = largestPatterns * 4_000;

/** By their text: to compile one takes longer than to match it. */
const compiled = new LRUCache<string, RE2JS>({
  maxSize: 20_000,
  sizeCalculation: sizeOf,
  memoMethod: (text) => RE2JS.compile(text),
});

export const patternOf = (text: string): RE2JS => compiled.memo(text);

/** What matching it costs for each character. */
export function sizeOf(pattern: RE2JS): number {
  return Math.max(1, pattern.programSize());
}

export const repeatsIn = (text: string): number =>
  Array.from(text.matchAll(/\{(\d+)(?:,(\d*))?\}/g), ([, least, most]) => Number(most || least)).reduce(
    (sum, count) => sum + count,
    0,
  );

let left = mostMatched;

/** Lets one rule be evaluated, which may match so much. */
export const withinBudget = <Result>(evaluate: () => Result): Result => {
  left = mostMatched;
  return evaluate();
};

export const isFound = (subject: string, text: string): boolean => {
  const pattern = patternOf(text);
  left -= sizeOf(pattern) * subject.length;
  if (left < 0) throw new DomainError('invalid', 'the rule looks for patterns in too much text');
  return pattern.test(subject);
};
