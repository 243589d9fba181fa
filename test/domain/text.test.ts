import { expect, test } from 'vitest';
import { keepable } from '../../domain/text.ts';

test.each([
  ['a\0b', 10, 'a\uFFFDb'],
  ['ab\u{1F600}', 3, 'ab\uFFFD'],
  ['\uD800', 5, '\uFFFD'],
  ['too long', 3, 'too'],
])('%j cut to %d is kept as %j', (text, most, kept) => {
  expect(keepable(text, most)).toBe(kept);
});
