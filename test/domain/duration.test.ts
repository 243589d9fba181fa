import { expect, test } from 'vitest';
import { milliseconds } from '../../domain/duration.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  ['90s', 90_000],
  ['1h 30m', 90 * minute],
  ['PT15M', 15 * minute],
  ['P1DT2H', day + 2 * hour],
  ['P2W', 14 * day],
  ['PT0.5S', 500],
  ['4 hours', 4 * hour],
])('%s is %d ms', (text, expected) => {
  expect(milliseconds(text)).toBe(expected);
});

// A number says no unit, months and years have no length, and an instant is no span.
test.each([
  '5',
  '1.5',
  'P1M',
  'P1Y',
  'P',
  'PT',
  'P1H',
  'soon',
  '',
  '0s',
  '-5m',
  '400d',
  '1:30',
  '1,5h',
  '1M',
  '5m and a bit',
  '12h ago',
  '1e3s',
])('%s is no duration', (text) => {
  expect(milliseconds(text)).toBeNaN();
});
