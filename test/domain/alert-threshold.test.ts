import { expect, test } from 'vitest';
import { correlationOf, type NamedRule } from '../../domain/alert/correlation.ts';
import { findTooFew } from '../../domain/alert/threshold.ts';
import { usualCorrelation } from '../../domain/correlation-rule.ts';
import { second, tell } from './telling.ts';

const rule: NamedRule = {
  name: 'rule',
  spec: { ...usualCorrelation, team: 'shop', match: 'true', threshold: { count: 2, within: '10s' } },
};
const begun = (key: string, seconds: number) => {
  const alert = tell(undefined, { key, title: key }, { seenAt: second(seconds) });
  return { alert, correlation: correlationOf(alert, [rule]) };
};
/** How many there have to be, for each that is held. */
const held = (looked: number[], kept: number[], at: number): number[] => {
  const of = (seconds: readonly number[]) => seconds.map((each) => begun(String(each), each));
  const others = of(kept).map(({ alert, correlation }) => ({ ...alert, correlationKey: correlation.key }));
  return [...findTooFew(of(looked), others, second(at)).values()];
};

test.each([
  ['one alone is too few', [0], [], 0, [2]],
  ['two are enough, whichever is looked at', [8], [0], 8, []],
  ['and both at once', [0, 8], [], 8, []],
  ['one is counted once', [0], [0], 0, [2]],
  ['those that have begun before its time do not count', [12], [0], 12, [2]],
  ['also where they are looked at again', [0, 12], [], 12, [2, 2]],
])('%s', (_, looked, kept, at, expected) => {
  expect(held(looked, kept, at)).toEqual(expected);
});
