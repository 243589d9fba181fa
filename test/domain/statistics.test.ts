import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intervalOfMean } from '../../domain/statistics/bootstrap.rules.ts';
import { discoveries } from '../../domain/statistics/benjamini-hochberg.rules.ts';
import { chanceOfSoMany, negativeBinomialTail, poissonTail } from '../../domain/statistics/count.rules.ts';
import { kaplanMeier, medianSurvival } from '../../domain/statistics/kaplan-meier.rules.ts';
import { mannKendall } from '../../domain/statistics/mann-kendall.rules.ts';
import { normalTail } from '../../domain/statistics/normal.rules.ts';
import { percentile } from '../../domain/statistics/percentile.rules.ts';
import { sortedOf, summaryOf } from '../../domain/statistics/summary.rules.ts';
import { theilSen } from '../../domain/statistics/theil-sen.rules.ts';
import { wilson } from '../../domain/statistics/wilson.rules.ts';

const values = fc.array(fc.double({ min: 0.01, max: 1e5, noNaN: true }), { minLength: 2, maxLength: 40 });

describe('a percentile', () => {
  test('lies between neighbours', () => {
    expect(percentile([1, 2, 3, 4, 100], 0.9)).toBeCloseTo(61.6, 10);
    expect(percentile([100, 3, 1, 4, 2], 0.5)).toBe(3);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

describe('a summary', () => {
  test('says what the mean hides', () => {
    expect(summaryOf(sortedOf([1, 2, 3, 4, 100]))).toMatchObject({ n: 5, mean: 22, median: 3 });
    expect(summaryOf(sortedOf([50, 30, 240, 8]))?.geometricMean).toBeCloseTo(41.195, 3);
  });
  test('gives no percentiles of fewer than five values', () => {
    expect(summaryOf(sortedOf([1, 2, 3, 4]))).toMatchObject({ n: 4, mean: 2.5, median: undefined, p90: undefined });
  });
  test('has no geometric mean where something took no time', () => {
    expect(summaryOf(sortedOf([0, 4]))?.geometricMean).toBeUndefined();
  });
  test('does not depend on the order', () => {
    fc.assert(
      fc.property(values, (some) => {
        expect(summaryOf(sortedOf(some.toReversed()))).toEqual(summaryOf(sortedOf(some)));
      }),
    );
  });
});

describe("Wilson's interval", () => {
  test('of 3 in 20, and of none in 20', () => {
    expect(wilson(3, 20)?.low).toBeCloseTo(0.052, 3);
    expect(wilson(3, 20)?.high).toBeCloseTo(0.36, 3);
    expect(wilson(0, 20)).toMatchObject({ low: 0 });
    expect(wilson(0, 20)?.high).toBeCloseTo(0.161, 3);
    expect(wilson(0, 0)).toBeUndefined();
  });
  test('contains the share', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), (hits, misses) => {
        fc.pre(hits + misses > 0);
        const { low, high } = wilson(hits, hits + misses)!;
        const share = hits / (hits + misses);
        expect(low <= share && share <= high && low >= 0 && high <= 1).toBe(true);
      }),
    );
  });
});

describe('the interval of a mean', () => {
  test('contains it, and does not depend on the order', () => {
    fc.assert(
      fc.property(values, (some) => {
        const { low, high } = intervalOfMean(sortedOf(some))!;
        const { mean } = summaryOf(sortedOf(some))!;
        expect(low <= mean && mean <= high).toBe(true);
        expect(intervalOfMean(sortedOf(some.toReversed()))).toEqual({ low, high, method: 'bootstrap' });
      }),
      { numRuns: 30 },
    );
  });
  test('is normal of many values', () => {
    const many = Array.from({ length: 2_000 }, (_, at) => at % 10);
    expect(intervalOfMean(sortedOf(many))).toMatchObject({ method: 'normal' });
    expect(intervalOfMean(sortedOf([3]))).toBeUndefined();
  });
});

describe('a trend', () => {
  test('rises', () => {
    const counts = [5, 7, 6, 9, 8, 11, 10, 13];
    const { s, variance, z, p } = mannKendall(counts);
    expect(s).toBe(22);
    expect(variance).toBeCloseTo(65.333, 3);
    expect(z).toBeCloseTo(2.598, 3);
    expect(p).toBeCloseTo(0.00937, 5);
    expect(theilSen(counts)).toBe(1);
  });
  test('is none where nothing changes', () => {
    expect(mannKendall([4, 4, 4, 4])).toEqual({ s: 0, variance: 0, z: 0, p: 1 });
    expect(theilSen([4, 4, 4])).toBe(0);
    expect(theilSen([4])).toBeUndefined();
  });
});

describe('the tail of a normal distribution', () => {
  test('is known near and far', () => {
    expect(normalTail(0)).toBe(0.5);
    expect(normalTail(1.96)).toBeCloseTo(0.024997895, 9);
    expect(normalTail(-1.96)).toBeCloseTo(0.975002105, 9);
    expect(normalTail(3)).toBeCloseTo(0.001349898, 9);
    expect(normalTail(6) / 9.8658764503769e-10).toBeCloseTo(1, 8);
  });
});

describe('what is still open', () => {
  test('counts for as long as it was seen', () => {
    const curve = kaplanMeier([10, 20, 30], [25, 100]);
    expect(curve.map(({ at, survival }) => [at, Math.round(survival * 1e9) / 1e9])).toEqual([
      [10, 0.8],
      [20, 0.6],
      [30, 0.3],
    ]);
    expect(medianSurvival(curve)).toBe(30);
  });
  test('has no median where most are open', () => {
    expect(medianSurvival(kaplanMeier([10], [20, 30]))).toBeUndefined();
  });
});

describe('so many', () => {
  test('are as likely as Poisson says, where each comes by itself', () => {
    const figures = [
      [9, 4, 0.02136],
      [10, 4, 0.00813],
      [6, 2, 0.01656],
      [3, 0.5, 0.01439],
    ] as const;
    for (const [count, mean, p] of figures) expect(poissonTail(count, mean)).toBeCloseTo(p, 5);
    expect(poissonTail(0, 4)).toBe(1);
    expect(poissonTail(1, 0)).toBe(0);
    expect(poissonTail(60, 4)).toBeGreaterThan(0);
  });
  test('are likelier where counts vary more', () => {
    expect(negativeBinomialTail(9, 4, 8)).toBeCloseTo(0.072998, 6);
    expect(chanceOfSoMany(9, [4, 4, 4, 4])).toBeCloseTo(0.02136, 5);
    expect(chanceOfSoMany(9, [0, 0, 8, 8])).toBeGreaterThan(0.1);
  });
  test('are never likelier than fewer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.double({ min: 0.01, max: 30, noNaN: true }), (count, mean) => {
        expect(poissonTail(count + 1, mean)).toBeLessThanOrEqual(poissonTail(count, mean) + 1e-12);
      }),
    );
  });
});

test('of many tests those are discoveries that are few enough by chance', () => {
  const chances = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ];
  expect(discoveries(chances, 0.05).filter(Boolean)).toHaveLength(4);
  expect(discoveries(chances.toReversed(), 0.05).slice(-4)).toEqual([true, true, true, true]);
  expect(discoveries([], 0.05)).toEqual([]);
});
