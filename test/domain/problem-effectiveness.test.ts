import { describe, expect, test } from 'vitest';
import { chanceOfSoFew, daysUntilQuietCounts, verdictOf } from '../../domain/problem/effectiveness.rules.ts';
import { type Course, durationVerdict, measureOf } from '../../domain/problem/duration-effect.rules.ts';
import { outcomeOf } from '../../domain/problem/verification.rules.ts';
import { chanceOfSoLow } from '../../domain/statistics/rank-sum.rules.ts';
import { occurrencesAround } from '../../domain/problem/occurrences.ts';

const of = (incidents: number, days: number) => ({ incidents, days });

describe('the effect of a fix', () => {
  // The handbook's examples.
  test.each([
    ['18 in 90 days, then 7 in 60', of(18, 90), of(7, 60), '0.154', 'undetermined'],
    ['12 in 90 days, then 1 in 90', of(12, 90), of(1, 90), '0.0017', 'effective'],
    ['6 in 90 days, then 2 in 90', of(6, 90), of(2, 90), '0.145', 'undetermined'],
    ['5 in 90 days, then none in 90', of(5, 90), of(0, 90), '0.03125', 'effective'],
  ])('of %s', (_, before, after, p, verdict) => {
    const decimals = p.split('.')[1]!.length;
    expect([chanceOfSoFew(before, after)!.toFixed(decimals), verdictOf(before, after).verdict]).toEqual([p, verdict]);
  });

  test('of four that did not come back in as many days is not shown by the count', () => {
    expect(chanceOfSoFew(of(4, 90), of(0, 90))).toBe(0.0625);
  });

  test.each([
    ['two a month', of(2, 30), 45],
    ['one in 90 days', of(1, 90), 270],
  ])('is shown by nothing for 3/λ days: %s', (_, before, days) => {
    expect(daysUntilQuietCounts(before)).toBeCloseTo(days, 9);
    expect(verdictOf(before, of(0, days)).verdict).toBe('effective');
    expect(verdictOf(before, of(0, days - 1)).verdict).toBe('undetermined');
  });

  test('is none where it comes as often as before', () => {
    expect(verdictOf(of(3, 90), of(3, 90)).verdict).toBe('not-effective');
    expect(verdictOf(of(3, 90), of(2, 90)).verdict).toBe('undetermined');
  });

  test('is not known where nothing was counted before', () => {
    expect(verdictOf(of(0, 90), of(0, 900))).toEqual({ verdict: 'undetermined' });
    expect(daysUntilQuietCounts(of(0, 90))).toBeUndefined();
  });

  test('agrees with the sum of binomial probabilities, whatever the counts', () => {
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
    for (let before = 0; before < 12; before += 1)
      for (let after = before === 0 ? 1 : 0; after < 12; after += 1) {
        const share = 30 / 120;
        const terms = Array.from(
          { length: after + 1 },
          (_, k) => choose(before + after, k) * share ** k * (1 - share) ** (before + after - k),
        );
        const sum = terms.reduce((all, term) => all + term, 0);
        expect(chanceOfSoFew(of(before, 90), of(after, 30))).toBeCloseTo(sum, 10);
      }
  });
});

describe('occurrences around a fix', () => {
  const at = (day: number): number => Date.UTC(2026, 0, 1) + day * 86_400_000;
  const times = (...days: number[]): string[] => days.map((day) => new Date(at(day)).toISOString());

  test('are counted over 90 days before at least: a peak makes every fix look good', () => {
    expect(occurrencesAround(times(95, 96, 97), at(100), at(110))).toEqual({ before: of(3, 90), after: of(0, 10) });
  });

  test('are counted from the first on where that is longer ago, a year at most', () => {
    expect(occurrencesAround(times(0, 150, 210), at(200), at(220))).toEqual({ before: of(2, 200), after: of(1, 20) });
    expect(occurrencesAround(times(0, 390), at(400), at(400)).before).toEqual(of(1, 365));
  });
});

describe('times that became shorter', () => {
  test('are told from chance by their ranks', () => {
    // Of the 20 ways to choose three of six ranks one has the lowest sum.
    expect(chanceOfSoLow([4, 5, 6], [1, 2, 3])).toBeCloseTo(1 / 20, 12);
    expect(chanceOfSoLow([1, 2, 3], [4, 5, 6])).toBe(1);
    expect(chanceOfSoLow([5, 5, 5, 5], [5, 5, 5])).toBe(1);
    expect(chanceOfSoLow([], [1])).toBeUndefined();
    const ramp = (from: number) => Array.from({ length: 30 }, (_, at) => from + at);
    expect(chanceOfSoLow(ramp(100), ramp(1))).toBeLessThan(1e-9);
  });

  const course = (day: number, minutes: number | undefined): Course => {
    const impactAt = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
    const end = new Date(Date.parse(impactAt) + (minutes ?? 0) * 60_000).toISOString();
    const known = minutes === undefined ? undefined : impactAt;
    return { openedAt: impactAt, impactAt: known, detectedAt: end, mitigatedAt: end };
  };
  const since = new Date(Date.UTC(2026, 0, 11)).toISOString();
  const before = [40, 50, 60, 70].map((minutes, day) => course(day, minutes));

  test('show that what was to detect, or to mitigate, has helped, or has not', () => {
    const shorter = [5, 6, 7, 8].map((minutes, day) => course(20 + day, minutes));
    const found = durationVerdict('mttd', [...before, ...shorter], since);
    expect(found).toMatchObject({ verdict: 'effective', measure: 'mttd', minutes: { before: 55, after: 6.5 } });
    expect(outcomeOf({ ...found, before: of(4, 90), after: of(4, 30) })).toBe(
      'noticed after 55 min before the fix, after 6.5 min since (medians); 4 in 90 days before the fix, 4 in 30 days since (p 0.014)',
    );
    const asLong = [55, 65, 75].map((minutes, day) => course(20 + day, minutes));
    expect(durationVerdict('mttm', [...before, ...asLong], since).verdict).toBe('not-effective');
    expect(durationVerdict('mttm', [...before, course(20, 5)], since).verdict).toBe('undetermined');
    expect(durationVerdict('mttm', [...before, course(20, undefined)], since)).toEqual({
      verdict: 'undetermined',
      measure: 'mttm',
    });
  });
  test('are looked at where all that was done is of one of these kinds', () => {
    const done = (...kinds: string[]) => ({ actions: kinds.map((kind) => ({ kind, status: 'done' })) }) as never;
    expect(measureOf(done('detect', 'detect'))).toBe('mttd');
    expect(measureOf(done('mitigate'))).toBe('mttm');
    expect(measureOf(done('mitigate', 'prevent'))).toBeUndefined();
    expect(measureOf(done())).toBeUndefined();
  });
});
