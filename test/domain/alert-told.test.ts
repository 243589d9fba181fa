import { describe, expect, test } from 'vitest';
import type { Alert, AlertFact } from '../../domain/alert.ts';
import { second, tell, type TellingBy } from './telling.ts';

type Told = readonly [fact: Partial<AlertFact>, by?: TellingBy];
/** What is told, in this order; each is received a second after the one before, unless it says when. */
const after = (...told: readonly Told[]): Alert =>
  told.reduce<Alert | undefined>(
    (alert, [fact, by], at) => tell(alert, fact, { seenAt: second(at), ...by }),
    undefined,
  )!;
const at = (seconds: number): TellingBy => ({ seenAt: second(seconds) });
const fires = (start: number, more: Partial<AlertFact> = {}): Partial<AlertFact> => ({
  startedAt: second(start),
  ...more,
});
describe('of two that began at one instant', () => {
  const [mild, bad] = [fires(0, { severity: 'warning' }), fires(0, { severity: 'critical' })];

  test.each([
    ['the milder first', [mild, bad]],
    ['the worse first', [bad, mild]],
  ])('the worse severity counts: %s', (_, told) => {
    expect(after(...told.map((each): Told => [each]))).toMatchObject({ severity: 'critical', class: 'exception' });
  });

  test('the words are the same in both orders, also once they were kept in a database', () => {
    const [one, other] = [{ labels: { b: '1', a: '1' } }, { labels: { a: '1', c: '2' } }];
    /** As `jsonb` gives it back: in another order. */
    const kept = (alert: Alert): Alert => ({
      ...alert,
      state: JSON.parse(
        JSON.stringify(alert.state, (_, value: unknown) =>
          typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? 1 : -1)))
            : value,
        ),
      ) as Alert['state'],
    });

    const results = [
      [one, other],
      [other, one],
    ].map(([first, next]) => tell(kept(after([fires(0, first)])), fires(0, next), at(1)).state.last?.labels);

    expect(results[0]).toEqual(results[1]);
  });
});
