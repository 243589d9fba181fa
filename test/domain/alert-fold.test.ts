import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Flapping, flapsUntil } from '../../domain/alert/flapping.ts';
import { canonical } from '../../domain/digest.ts';
import { firingSince, fold, isFiring, lapse, resume, type ToldAlert, untold } from '../../domain/alert/fold.rules.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 28, 12, minute)).toISOString();
const words = { title: 'It fails', severity: 'critical' as const, labels: {}, annotations: {} };
const firing = (start: number, more: Partial<ToldAlert> = {}): ToldAlert => ({
  ...words,
  status: 'firing',
  startedAt: at(start),
  ...more,
});
const resolved = (start: number, end: number): ToldAlert => ({
  ...words,
  status: 'resolved',
  startedAt: at(start),
  endedAt: at(end),
});
const folded = (...told: ToldAlert[]) => told.reduce(fold, untold);

const orders = <Item>(items: readonly Item[]): Item[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, index) => orders(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));

describe('what is told of an alert', () => {
  test('comes to the same in all 720 orders of six facts', () => {
    const told = [
      firing(1),
      firing(3, { severity: 'error', title: 'It fails in part' }),
      resolved(1, 5),
      firing(7),
      firing(9, { title: 'It fails again' }),
      resolved(2, 4),
    ];

    const ends = new Set(orders(told).map((order) => canonical(folded(...order))));

    expect(folded(...told).states?.map(([, fires]) => fires)).toEqual([true, true, true, false, false, true, true]);
    expect(orders(told)).toHaveLength(720);
    expect([...ends]).toEqual([canonical(folded(...told))]);
    expect(firingSince(folded(...told))).toBe(at(7));
  });

  test('flaps until the same instant in all 720 orders of six changes', () => {
    const turns = [firing(1), resolved(1, 2), firing(3), resolved(3, 4), firing(5), resolved(5, 6)];
    const usual = Flapping.parse({});

    const ends = new Set(orders(turns).map((order) => flapsUntil(folded(...order).states ?? [], usual)));

    expect([...ends]).toEqual([Date.parse(at(21))]);
  });

  test('comes to the same whatever is told twice, or in another order', () => {
    const fact = fc
      .record({ start: fc.nat(20), lasts: fc.nat(10), isEnd: fc.boolean(), title: fc.constantFrom('a', 'b') })
      .map(({ start, lasts, isEnd, title }) => ({
        ...(isEnd ? resolved(start, start + lasts) : firing(start)),
        title,
      }));
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 12 }), (told) => {
        const shuffled = told.toReversed();
        expect(folded(...shuffled, ...told)).toEqual(folded(...told));
      }),
    );
    expect(isFiring(untold)).toBe(false);
  });

  test('comes to the same in all orders around a silence, and the end that was taken from it undoes none of them', () => {
    const told = [firing(1), resolved(1, 5), firing(7), resolved(2, 4)];
    const heard = (...facts: ToldAlert[]) =>
      facts.reduce(
        (alert, fact, index) =>
          lapse(
            fold(
              fact.status === 'firing' ? resume(alert, { startedAt: fact.startedAt, at: at(20 + index) }) : alert,
              fact,
            ),
            at(20 + index),
          ),
        untold,
      );

    const ends = orders(told).map((order) => heard(...order));

    expect(new Set(ends.map(isFiring))).toEqual(new Set([false]));
    expect(new Set(ends.map((alert) => firingSince(resume(alert, { startedAt: at(7), at: at(30) }))))).toEqual(
      new Set([at(30)]),
    );
  });

  test.each([
    ['a start that moves to an earlier time is the same firing', [firing(5), firing(2)], at(2)],
    ['its end covers every start before it, whichever it names', [firing(5), firing(2), resolved(2, 9)], undefined],
    ['what is older than its end never opens it again', [resolved(2, 9), firing(8)], undefined],
    ['a start behind its end is a new firing', [firing(1), resolved(1, 5), firing(6)], at(6)],
    ['an end that came late, of an earlier firing, ends nothing', [firing(10), resolved(1, 5)], at(10)],
    [
      'an acknowledgement changes nothing of what fires',
      [firing(1), { ...firing(2), status: 'acknowledged' as const }],
      at(1),
    ],
  ])('%s', (_, told, since) => {
    expect(firingSince(folded(...told))).toBe(since);
  });
});
