import { expect, test } from 'vitest';
import { retryAfterMs } from '../../activities/retry-after.ts';

const now = Date.parse('2026-03-24T09:00:00.000Z');
const day = 86_400_000;

test.each([
  ['20', 20_000],
  ['1.5', 1_500],
  [' 7 ', 7_000],
  ['31536000', day],
  ['99999999999999999', day],
  ['9'.repeat(400), day],
  ['Tue, 24 Mar 2026 09:00:20 GMT', 20_000],
  ['Tuesday, 24-Mar-26 09:00:20 GMT', 20_000],
  ['Tue Mar 24 09:00:20 2026', 20_000],
  ['Fri, 31 Dec 9999 23:59:59 GMT', day],
  ['Mon, 23 Mar 2026 09:00:00 GMT', undefined],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['2026', 2_026_000],
  ['1e3', undefined],
  ['0x10', undefined],
  ['Infinity', undefined],
  ['', undefined],
])('Retry-After: %s asks for %s ms', (header, expected) => {
  expect(retryAfterMs({ 'retry-after': header }, now)).toBe(expected);
});

test('nobody asks without the header', () => {
  expect(retryAfterMs({}, now)).toBeUndefined();
});
