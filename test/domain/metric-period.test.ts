import { expect, test } from 'vitest';
import { periodOf } from '../../domain/metric/period.ts';

const now = Date.UTC(2026, 10, 29);

test('a period may begin with 1970', () => {
  expect(periodOf({ period: '1970' }, now)).toEqual({
    from: '1970-01-01T00:00:00.000Z',
    until: '1971-01-01T00:00:00.000Z',
  });
});

test.each(['0000', '0070', '0070-01', '1969', '1969-12', '1969-12-31'])('a period of %s is refused', (period) => {
  expect(() => periodOf({ period }, now)).toThrow('expected 1970 or later');
});

test.each([
  ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ['1969-12-31T23:59:59Z', '1970-02-01T00:00:00Z'],
  ['1970-01-01T00:00:00+01:00', '1970-02-01T00:00:00Z'],
])('a period from %s is refused', (from, until) => {
  expect(() => periodOf({ from, until }, now)).toThrow('expected 1970 or later');
});
