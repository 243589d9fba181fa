import { expect, test } from 'vitest';
import { endOf, extract, extractOf, keepable } from '../../domain/text.ts';

test.each([
  ['a\0b', 10, 'a\uFFFDb'],
  ['ab\u{1F600}', 3, 'ab\uFFFD'],
  ['\uD800', 5, '\uFFFD'],
  ['too long', 3, 'too'],
])('%j cut to %d is kept as %j', (text, most, kept) => {
  expect(keepable(text, most)).toBe(kept);
});

test('a text that is short enough is kept whole', () => {
  expect(extractOf('all of it', 1_000)).toBe('all of it');
  expect(extractOf('x'.repeat(900), 1_000)).toBe('x'.repeat(900));
});

test('of a long text its beginning and its end are kept, with a mark that says how much is left out', () => {
  const text = `first${'x'.repeat(50_000)}last`;
  const kept = extractOf(text, 1_000);

  expect(kept).toMatch(/^firstx+\n\[… 49,\d{3} characters are left out here …\]\nx+last$/);
  const [, count] = /… ([\d,]+) /.exec(kept)!;
  const mark = kept.slice(kept.indexOf('\n['), kept.indexOf(']\n') + 2);
  expect(Number(count!.replaceAll(',', ''))).toBe(text.length - (kept.length - mark.length));
});

test.each([1, 7, 999, 5_000])('a text that comes in pieces of %d is kept like one that comes whole', (size) => {
  const text = Array.from({ length: 3_000 }, (_, line) => `line ${line}\n`).join('');
  const kept = extract(1_000);
  for (let at = 0; at < text.length; at += size) kept.add(text.slice(at, at + size));

  expect(kept.text()).toBe(extractOf(text, 1_000));
  expect(kept.text().length).toBeLessThanOrEqual(1_000);
});

test.each([
  ['one\ntwo\n\n', 'one\ntwo'],
  ['one\ntwo\nthree', '[…]\ntwo\nthree'],
  ['one\r\ntwo\rthree', '[…]\ntwo\nthree'],
  ['\u001b[1;31mERROR\u001b[0m: \u0007no\n[INFO] so', 'ERROR: no\n[INFO] so'],
  ['', ''],
  [' \n\n', ''],
  ['x'.repeat(30), `[…]\n${'x'.repeat(20)}`],
])('the end of %j', (text, end) => {
  expect(endOf(text, { lines: 2, characters: 20 })).toBe(end);
});
