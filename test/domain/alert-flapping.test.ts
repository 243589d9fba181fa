import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Flapping, flapsByCount, flapsNow, flapsUntil, percentChanged, windows } from '../../domain/alert/flapping.ts';
import { fold, type ToldAlert, type ToldState, untold } from '../../domain/alert/fold.rules.ts';

const minute = 60_000;
const transitions = (places: readonly number[]): boolean[] =>
  Array.from({ length: 20 }, (_, index) => places.includes(index + 1));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const truncated = (value: number, digits: number): number => Math.floor(value * 10 ** digits + 1e-6) / 10 ** digits;

describe('how much has changed in the last 21 states', () => {
  const newest = upTo(7).map((count) => transitions(upTo(count).map((place) => 21 - place)));
  const oldest = upTo(7).map((count) => transitions(upTo(count)));
  const some = transitions([3, 4, 5, 9, 12, 16, 19]);

  test('is for Nagios as its handbook has it', () => {
    const shown = (all: boolean[][]) => all.map((each) => percentChanged(each, windows.nagios).toFixed(2));

    expect(shown(newest)).toEqual(['6.25', '12.37', '18.36', '24.21', '29.93', '35.53', '40.99']);
    expect(shown(oldest)).toEqual(['3.75', '7.63', '11.64', '15.79', '20.07', '24.47', '29.01']);
    expect(percentChanged(some, windows.nagios).toFixed(3)).toBe('34.276');
    expect(percentChanged(transitions(upTo(20)), windows.nagios)).toBeCloseTo(100, 9);
  });

  test('is for Icinga 2 as its handbook has it', () => {
    const shown = (all: boolean[][]) => all.map((each) => truncated(percentChanged(each, windows.icinga), 1));

    expect(shown(newest)).toEqual([5.9, 11.7, 17.4, 23, 28.5, 33.9, 39.2]);
    expect(shown(oldest)).toEqual([4, 8.1, 12.3, 16.6, 21, 25.5, 30.1]);
    expect(shown([some, transitions(upTo(20))])).toEqual([34.1, 99]);
  });

  test.each([
    ['nagios', false, 29.9, false],
    ['nagios', false, 30, true],
    ['nagios', true, 20.1, true],
    ['nagios', true, 20, false],
    ['icinga', false, 30, false],
    ['icinga', false, 30.1, true],
    ['icinga', true, 25.1, true],
    ['icinga', true, 25, false],
  ] as const)('%s: flapping before %s, %d percent: %s', (measure, before, percent, flaps) => {
    expect(flapsNow(before, percent, windows[measure])).toBe(flaps);
  });

  test('counts what is not known as unchanged', () => {
    expect(percentChanged([true], windows.nagios).toFixed(2)).toBe('6.25');
  });
});

describe('the number of changes', () => {
  const limits = { frequency: 4, intervalMs: 10 * minute, quietMs: 15 * minute };

  test.each([
    ['too few', [0, 1, 2], false],
    ['as many as it takes', [0, 1, 2, 3], true],
    ['as many, over too long a time', [0, 4, 8, 12], false],
    ['fewer than it takes after it has begun, each before it is quiet', [0, 1, 2, 3, 17, 31], true],
    ['one after a quiet time', [0, 1, 2, 3, 18], false],
  ])('%s: %s', (_, minutes, flaps) => {
    expect(
      flapsByCount(
        minutes.map((at) => at * minute),
        limits,
      ),
    ).toBe(flaps);
  });
});

describe('an alert', () => {
  const usual = Flapping.parse({});
  const turning = (count: number): ToldState[] => upTo(count).map((place) => [place * minute, place % 2 === 1]);

  test('flaps until it has been quiet for long enough', () => {
    expect(flapsUntil(turning(5), usual)).toBeUndefined();
    expect(flapsUntil(turning(6), usual)).toBe(21 * minute);
    expect(flapsUntil(turning(6), { ...usual, measure: 'none' })).toBeUndefined();
  });

  test('does not flap because the same is told again and again', () => {
    const repeated: ToldState[] = upTo(20).map((place) => [place * minute, true]);

    expect(flapsUntil(repeated, usual)).toBeUndefined();
  });

  test.each(['nagios', 'icinga'] as const)(
    'flaps by the window of %s, and no more when it has calmed down',
    (measure) => {
      const calm: ToldState[] = upTo(15).map((place) => [(6 + place) * minute, false]);

      expect(flapsUntil(turning(8), { ...usual, measure })).toBe(23 * minute);
      expect(flapsUntil([...turning(6), ...calm], { ...usual, measure })).toBeUndefined();
    },
  );

  test('flaps until the same instant whatever of it was told first, and whatever twice', () => {
    const words = { title: 'It turns', severity: 'critical' as const, labels: {}, annotations: {} };
    const at = (minutes: number): string => new Date(minutes * minute).toISOString();
    const fact = fc
      .record({ start: fc.nat(90), lasts: fc.nat(3), isEnd: fc.boolean() })
      .map(({ start, lasts, isEnd }): ToldAlert => ({
        ...words,
        startedAt: at(start),
        ...(isEnd ? { status: 'resolved', endedAt: at(start + lasts) } : { status: 'firing' }),
      }));
    const ends = new Set<boolean>();

    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (told, keys) => {
        const shuffled = told
          .map((each) => ({ each, key: keys.next().value as number }))
          .toSorted((one, other) => one.key - other.key)
          .map(({ each }) => each);
        const { states = [] } = told.reduce(fold, untold);
        const other = [...shuffled, ...told].reduce(fold, untold).states ?? [];
        expect(other).toEqual(states);
        expect(states.length).toBeLessThanOrEqual(21);
        ends.add(flapsUntil(states, usual) === undefined);
      }),
    );
    expect(ends.size).toBe(2);
  });
});
