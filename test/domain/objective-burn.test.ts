import { describe, expect, test } from 'vitest';
import { lastSlotEnd } from '../../domain/objective/asking.rules.ts';
import { attainment, budgetState, sum, unitsOf } from '../../domain/objective/budget.rules.ts';
import {
  burnRateOf,
  canFire,
  detectionMs,
  exhaustionMs,
  factorFor,
  fires,
  noDataAfterMs,
  usualRows,
} from '../../domain/objective/burn.rules.ts';
import type { ObjectiveDefinition } from '../../domain/objective/definition.ts';
import { evaluate } from '../../domain/objective/evaluate.ts';
import { budgetOf, product, shareOf } from '../../domain/objective/decimal.rules.ts';
import { windowAt } from '../../domain/objective/window.ts';

const hour = 3_600_000;
const day = 24 * hour;
const minutes = (ms: number | undefined): number | undefined =>
  ms === undefined ? ms : Number((ms / 60_000).toFixed(3));
const count = (bad: number, total: number) => ({ good: total - bad, total });

describe('an error budget', () => {
  test.each([
    [99.9, 30, 43.2],
    [99.95, 30, 21.6],
    [99, 30, 432],
    [99.9, 28, 40.32],
  ])('of %s percent over %s days is %s minutes', (percent, days, expected) => {
    expect(product(budgetOf(shareOf(percent)), days * 24 * 60)).toBe(expected);
  });

  test('is exact where binary fractions are not', () => {
    expect(budgetOf(0.999)).toBe(0.001);
    expect(budgetOf(0.9999999)).toBe(0.0000001);
    expect(budgetOf(0)).toBe(1);
  });

  test('of a million requests at 99.9 % is a thousand errors', () => {
    expect(budgetState(count(500, 1_000_000), { budget: 0.001 })).toMatchObject({ allowed: 1_000, used: 0.5 });
  });

  test('of slices counts those of the window that are to come', () => {
    const twoWeeks = 14 * 24 * 60;
    const state = budgetState(count(1_008, 10_000), { budget: budgetOf(0.95), toCome: twoWeeks - 10_000 });
    expect(state).toMatchObject({ allowed: 1_008, used: 1 });
  });

  test('of slice ratios lasts 13.714 h of an attack that leaves 1 %, from a baseline of 99 %', () => {
    const slices = 14 * 24 * 60;
    const attacked = Math.round(13.714 * 60);
    const good = attacked * unitsOf(count(99, 100), 'RatioTimeslices', undefined).good;
    const usual = (slices - attacked) * unitsOf(count(1, 100), 'RatioTimeslices', undefined).good;
    const { used } = budgetState({ good: good + usual, total: slices }, { budget: budgetOf(0.95) });
    expect(used).toBeCloseTo(1, 3);
  });

  test('has nothing to say where there was nothing', () => {
    expect(budgetState(count(0, 0), { budget: 0.001 }).used).toBeUndefined();
    expect(attainment(count(0, 0), 0.001)).toEqual({});
  });
});

test('a slice is good or bad, a share, or its events; without data it is nothing', () => {
  expect(unitsOf(count(6, 100), 'Timeslices', 0.95)).toEqual({ good: 0, total: 1 });
  expect(unitsOf(count(5, 100), 'Timeslices', 0.95)).toEqual({ good: 1, total: 1 });
  expect(unitsOf(count(5, 100), 'RatioTimeslices', undefined)).toEqual({ good: 0.95, total: 1 });
  expect(unitsOf(count(5, 100), 'Occurrences', undefined)).toEqual({ good: 95, total: 100 });
  expect(unitsOf(count(0, 0), 'Timeslices', 0.95)).toEqual({ good: 0, total: 0 });
});

describe('the table of burn rates', () => {
  test.each([
    [30, [14.4, 6, 3, 1]],
    [28, [13.44, 5.6, 2.8, 0.9333]],
  ])('over %s days has the factors %s', (days, factors) => {
    expect(usualRows(days * day, 0.001).map(({ factor }) => Number(factor.toFixed(4)))).toEqual(factors);
  });

  test('leaves out what could never fire, or looks further back than the period', () => {
    expect(usualRows(30 * day, budgetOf(0.93)).map(({ factor }) => factor)).toEqual([6, 3, 1]);
    expect(usualRows(day, 0.001)).toHaveLength(3);
  });

  test.each([
    [1, 0.999, [0.864, 2.16, 4.32, 4.32]],
    [1, 0.99, [8.64, 21.6, 43.2, 43.2]],
    [0.1, 0.999, [8.64, 21.6, 43.2, 43.2]],
    [0.1, 0.99, [undefined, 216, 432, 432]],
    [0.02, 0.999, [43.2, 108, 216, 216]],
    [0.02, 0.99, [undefined, undefined, undefined, 2_160]],
    [0.0144, 0.999, [undefined, 150, 300, 300]],
    [0.0144, 0.99, [undefined, undefined, undefined, 3_000]],
  ])('detects %s of everything being bad at %s in %s minutes', (bad, target, expected) => {
    const budget = budgetOf(target);
    expect(usualRows(30 * day, budget).map((row) => minutes(detectionMs(row, budget, bad)))).toEqual(expected);
  });

  test('14.4 needs more than 93.06 %', () => {
    expect(canFire(14.4, budgetOf(0.9305))).toBe(false);
    expect(canFire(14.4, budgetOf(0.9306))).toBe(true);
    expect(canFire(1, budgetOf(0))).toBe(false);
  });

  test('a factor is share · period / window', () => {
    expect(factorFor(0.02, 30 * day, hour)).toBe(14.4);
    expect(exhaustionMs(30 * day, 14.4)).toBe(50 * hour);
    expect(exhaustionMs(30 * day, 0)).toBeUndefined();
  });
});

describe('a row', () => {
  const [row] = usualRows(30 * day, 0.001);
  const judged = (long: [number, number], short: [number, number], leastBad = 1) =>
    fires(row!, { budget: 0.001, leastBad }, (windowMs) => count(...(windowMs === hour ? long : short)));

  test('fires above its limit, in both windows', () => {
    expect(judged([145, 10_000], [145, 10_000])).toBe(true);
    expect(judged([144, 10_000], [145, 10_000])).toBe(false);
    expect(judged([145, 10_000], [144, 10_000])).toBe(false);
    // 14.44, which rounds to 14.4.
    expect(judged([1_444, 100_000], [1_444, 100_000])).toBe(true);
  });

  test('says nothing without data', () => {
    expect(judged([145, 10_000], [0, 0])).toBeUndefined();
  });

  test('waits for so many bad events where there is little traffic', () => {
    expect(burnRateOf(count(1, 10), 0.001)).toBe(100);
    expect(Number((budgetState(count(1, 7_200), { budget: 0.001 }).used! * 100).toFixed(1))).toBe(13.9);
    expect(judged([1, 10], [1, 1], 5)).toBe(false);
    expect(judged([5, 10], [1, 1], 5)).toBe(true);
  });
});

test('no data alerts after what the first row needs and a hold: ten minutes at 99 %', () => {
  expect(noDataAfterMs({ windowsMs: [hour], factor: 14 }, budgetOf(0.99))).toBe(10 * 60_000);
});

describe('an objective without data', () => {
  const silentAfter = (slotMs: number, emptySlots: number, second: number): boolean | undefined => {
    const [first] = usualRows(30 * day, budgetOf(0.9999));
    const objective = { budget: budgetOf(0.9999), slotMs, method: 'Occurrences', rows: [], window: rolling } as const;
    const definition = { ...objective, noDataAfterMs: noDataAfterMs(first!, objective.budget) };
    const now = 100 * day + second * 1_000;
    const lastDataAt = lastSlotEnd(now, slotMs) - (emptySlots + 1) * slotMs;
    const times = { asOf: lastSlotEnd(now, slotMs), now, lastDataAt, lookbacks: [] };
    const { verdicts } = evaluate(definition as unknown as ObjectiveDefinition, times, nothing);
    return verdicts.find(({ alert }) => alert === 'no-data')?.fires;
  };
  const rolling = { isRolling: true, duration: '30d' } as const;
  const nothing = () => ({ good: 0, total: 0, slots: 0, empty: 0 });

  test.each([0, 5, 14, 15, 59])(
    'at 99.99 %% alerts after two minutes, in whichever second (%s) it is looked at',
    (second) => {
      expect([0, 1, 2].map((empty) => silentAfter(60_000, empty, second))).toEqual([false, false, true]);
    },
  );

  test('is not taken for silent while a long slot has not ended', () => {
    expect([0, 1].map((empty) => silentAfter(hour, empty, 3_590))).toEqual([false, true]);
  });
});

describe('a window', () => {
  const calendar = (duration: string, startTime: string, timeZone: string) =>
    ({ isRolling: false, duration, calendar: { startTime, timeZone } }) as const;
  const at = (text: string) => Date.parse(text);

  test('of a calendar begins where its zone says', () => {
    const { from, until } = windowAt(
      calendar('1M', '2026-01-01 00:00:00', 'Europe/Berlin'),
      at('2026-03-31T21:59:00Z'),
    );
    expect([new Date(from).toISOString(), new Date(until).toISOString()]).toEqual([
      '2026-02-28T23:00:00.000Z',
      '2026-03-31T22:00:00.000Z',
    ]);
  });

  test('keeps the day of its start in months that have it, and also counts before its start', () => {
    const window = calendar('1Q', '2026-01-31 12:00:00', 'UTC');
    expect(new Date(windowAt(window, at('2026-05-01T00:00:00Z')).from).toISOString()).toBe('2026-04-30T12:00:00.000Z');
    expect(new Date(windowAt(window, at('2025-12-01T00:00:00Z')).from).toISOString()).toBe('2025-10-31T12:00:00.000Z');
  });

  test('that rolls ends now', () => {
    expect(windowAt({ isRolling: true, duration: '4w' }, 28 * day)).toEqual({ from: 0, until: 28 * day });
  });
});

test('counts add up the same in any order', () => {
  expect(sum([count(1, 2), count(0, 3)])).toEqual(sum([count(0, 3), count(1, 2)]));
});
