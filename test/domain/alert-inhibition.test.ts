import { describe, expect, test } from 'vitest';
import type { Alert } from '../../domain/alert.ts';
import { correlationOf, type NamedRule } from '../../domain/alert/correlation.ts';
import { findInhibited, isCause } from '../../domain/alert/inhibition.ts';
import { tell } from './telling.ts';

const usual = { resolveDelay: '2m', reopenWindow: '30m', resolveOn: 'all' as const, groupBy: [], team: 'shop' };
const rule = (name: string, match: string, by: string, equal: string[] = []): NamedRule => ({
  name,
  spec: { ...usual, match, inhibitedBy: { match: by, equal } },
});
const alert = (key: string, severity: string, labels: Record<string, string> = {}): Alert =>
  tell(undefined, { key, title: key, severity, labels });
/** Titles of what is kept quiet, with what explains it. */
const quiet = (rules: readonly NamedRule[], ...alerts: Alert[]) => {
  const correlated = alerts.map((each) => ({ alert: each, correlation: correlationOf(each, rules) }));
  const titleOf = (fingerprint: string) => alerts.find((each) => each.fingerprint === fingerprint)?.title;
  const causes = rules.map(
    ({ spec }) => [spec, new Set(alerts.flatMap((each) => (isCause(each, spec) ? [each.fingerprint] : [])))] as const,
  );
  return [...findInhibited(correlated, alerts, new Map(causes))].map(
    ([one, other]) => `${titleOf(one)} by ${titleOf(other)}`,
  );
};

describe('an alert that another one explains', () => {
  const critical = rule('rule', 'true', 'alert.severity == "critical"', ['zone']);

  test('is kept quiet where the labels of the two are equal', () => {
    const found = quiet(
      [critical],
      alert('down', 'critical', { zone: 'a' }),
      alert('near', 'error', { zone: 'a' }),
      alert('far', 'error', { zone: 'b' }),
    );

    expect(found).toEqual(['near by down']);
  });

  test('is not one of those that explain: two causes at once are both heard of', () => {
    expect(quiet([critical], alert('one', 'critical'), alert('two', 'critical'))).toEqual([]);
  });

  test.each([[['a', 'b']], [['b', 'a']]])(
    'by another rule explains nothing: one of a circle is heard of, the worst (%j)',
    (order) => {
      const circle = [
        rule('a', 'alert.title == "a"', 'alert.title == "b"'),
        rule('b', 'alert.title == "b"', 'alert.title == "a"'),
      ];

      const found = quiet(circle, ...order.map((title) => alert(title, title === 'a' ? 'critical' : 'error')));

      expect(found).toEqual(['b by a']);
    },
  );
});
