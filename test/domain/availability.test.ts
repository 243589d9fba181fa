import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthOf, union } from '../../domain/interval.rules.ts';
import { availabilityOf, inSeries, ofRequests, redundant, reliabilityOf } from '../../domain/metric/uptime.rules.ts';

const minutes = (...spans: [number, number][]) =>
  spans.map(([from, until]) => ({ from: from * 60_000, until: until * 60_000 }));
const month = { from: 0, until: 30 * 86_400_000 };
const full = minutes([100, 160], [140, 200], [1000, 1030], [5000, 5060]);
const partial = minutes([150, 260], [2000, 2100]);
const maintenance = minutes([990, 1020], [8000, 8120]);
const of = (states: Partial<Parameters<typeof availabilityOf>[1]>, weights?: Parameters<typeof availabilityOf>[2]) =>
  availabilityOf(month, { full: [], partial: [], degraded: [], excluded: [], ...states }, weights);
const percent = (value: number | undefined) => (100 * value!).toFixed(6);

describe('availability by time', () => {
  test('unites what overlaps, leaves maintenance out and weighs what is down for some', () => {
    const found = of({ full, partial, excluded: maintenance });
    expect([found.agreedMs / 60_000, found.downMs / 60_000, percent(found.value)]).toEqual([43_050, 218, '99.493612']);
  });
  test('depends on what counts as down, so the policy is printed', () => {
    expect(percent(of({ full, partial, excluded: maintenance }, { partial: 1, degraded: 0 }).value)).toBe('99.233449');
    expect(percent(of({ full, partial, excluded: maintenance }, { partial: 0, degraded: 0 }).value)).toBe('99.605110');
    expect(percent(of({ full: [...full, ...maintenance], partial }).value)).toBe('99.148148');
  });
  test('says nothing where all time is excluded', () => {
    expect(of({ excluded: [month] }).value).toBeUndefined();
  });
  test('counts failures, and the times between them', () => {
    const { mtrs, mtbf, mtbsi } = reliabilityOf(of({ full, excluded: maintenance }));
    expect([mtrs, mtbf, mtbsi].map((ms) => (ms! / 60_000).toFixed(3))).toEqual(['56.667', '14293.333', '14350.000']);
    expect(percent(of({ full, excluded: maintenance }).value)).toBe('99.605110');
    expect(reliabilityOf(of({})).mtbf).toBeUndefined();
  });
  test('is the same in whatever order things come, and of two halves what it is of the whole', () => {
    const span = fc
      .tuple(fc.nat(1_000), fc.integer({ min: 1, max: 200 }))
      .map(([from, lasts]) => ({ from, until: from + lasts }));
    const spans = fc.array(span, { maxLength: 12 });
    fc.assert(
      fc.property(spans, spans, spans, fc.integer({ min: 1, max: 999 }), (down, some, excluded, cut) => {
        const states = { full: down, partial: some, degraded: [], excluded };
        const whole = availabilityOf({ from: 0, until: 1_000 }, states);
        const reversed = {
          full: down.toReversed(),
          partial: some.toReversed(),
          degraded: [],
          excluded: excluded.toReversed(),
        };
        expect(availabilityOf({ from: 0, until: 1_000 }, reversed)).toEqual(whole);
        const halves = [
          { from: 0, until: cut },
          { from: cut, until: 1_000 },
        ].map((half) => availabilityOf(half, states));
        expect(halves[0]!.agreedMs + halves[1]!.agreedMs).toBe(whole.agreedMs);
        expect(halves[0]!.downMs + halves[1]!.downMs).toBeCloseTo(whole.downMs, 6);
        expect(lengthOf(union([...down, ...down]))).toBe(lengthOf(union(down)));
      }),
    );
  });
});

describe('availability of parts', () => {
  test('in series is the product, redundant what is left of all failing', () => {
    expect(inSeries([0.999, 0.999, 0.999])).toBeCloseTo(0.997003, 6);
    expect(redundant([0.99, 0.99])).toBeCloseTo(0.9999, 10);
  });
});

describe('availability by requests', () => {
  test('is of all requests, and not the mean of days', () => {
    const days = [
      { total: 1_000_000, good: 999_500 },
      { total: 1_200_000, good: 1_191_000 },
      { total: 800_000, good: 800_000 },
    ];
    expect((100 * ofRequests(days)!).toFixed(4)).toBe('99.6833');
    expect(ofRequests([])).toBeUndefined();
  });
});
