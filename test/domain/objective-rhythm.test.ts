import { describe, expect, test } from 'vitest';
import { lookEveryMs, nextLook, offsetOf, runEveryMs } from '../../domain/objective/rhythm.rules.ts';

const objective = 'checkout-availability';
const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => count * lookEveryMs;
/** When its schedule comes. */
const comes = Date.parse('2026-11-02T00:00:00Z') + offsetOf(objective);

describe('a run that its schedule has begun', () => {
  test.each([
    ['looks a minute later', 2, minutes(1)],
    ['leaves out what it has missed', minutes(3) / 1_000 + 30, minutes(4)],
    ['ends before its schedule comes again', minutes(9) / 1_000 + 2, undefined],
    ['goes on, should that be at any moment: it is not followed', minutes(10) / 1_000 - 3, minutes(10)],
    ['goes on when its schedule has come and found it', minutes(10) / 1_000 + 20, minutes(11)],
    ['goes on after an hour without a worker', minutes(62) / 1_000 + 1, minutes(63)],
    ['and ends before the next time then', minutes(69) / 1_000 + 1, undefined],
  ])('%s', (_, now, next) => {
    expect(nextLook(objective, comes + 100, comes + seconds(now))).toBe(next === undefined ? undefined : comes + next);
  });

  test('in between, as when it is new, is followed by the one that its schedule begins', () => {
    const begun = comes + minutes(7) + seconds(20);

    expect(nextLook(objective, begun, begun + seconds(1))).toBe(comes + minutes(8));
    expect(nextLook(objective, begun, comes + minutes(9) + seconds(1))).toBeUndefined();
  });

  test('a little early, by another clock, is no run that ends', () => {
    expect(nextLook(objective, comes - 50, comes + seconds(1))).toBe(comes + minutes(1));
    expect(nextLook(objective, comes - 50, comes - 10)).toBe(comes);
  });
});

test('objectives take turns, over all of the time between two runs', () => {
  const offsets = Array.from({ length: 1_000 }, (_, at) => offsetOf(`objective-${at}`));

  expect(Math.max(...offsets)).toBeLessThan(runEveryMs);
  const inOneMinute = Array.from({ length: 10 }, (_, at) =>
    offsets.filter((offset) => Math.floor(offset / lookEveryMs) === at),
  );
  for (const some of inOneMinute) expect(some.length).toBeGreaterThan(20);
});
