import { describe, expect, test } from 'vitest';
import type { Alert, AlertFact } from '../../domain/alert.ts';
import { withTimeout } from '../../domain/alert/correlation.ts';
import { usualCorrelation } from '../../domain/correlation-rule.ts';
import { ended, endsAt, firesSince } from '../../domain/alert/told.ts';
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
const ends = (start: number, end: number): Partial<AlertFact> => ({
  status: 'resolved',
  startedAt: second(start),
  endedAt: second(end),
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

describe('an alert of which nothing was heard for long', () => {
  const silent = ended(after([fires(-60)]), second(100));

  test('has ended, and fires again once it is told again, though it began no later', () => {
    expect([silent.isFiring, endsAt(silent)]).toEqual([false, second(100)]);

    const again = tell(silent, fires(-60), at(200));

    expect([again.isFiring, firesSince(again)]).toEqual([true, second(200)]);
  });

  test('does not fire again by what has ended meanwhile', () => {
    const over = tell(silent, ends(-60, 50), at(200));

    expect(tell(over, fires(-60), at(201)).isFiring).toBe(false);
  });

  test('ends when its rule says, counted from what was heard last, whatever its source says', () => {
    const spec = { ...usualCorrelation, team: 'shop', match: 'true', inactivityTimeout: '10s' };
    const by = { alerts: { resolveAfter: '1h' } };
    const once = withTimeout(tell(undefined, fires(0), { ...at(0), ...by }), [{ name: 'rule', spec }]);

    const again = withTimeout(tell(once, fires(0), { ...at(5), ...by }), [{ name: 'rule', spec }]);

    expect([once.resolvesAt, again.resolvesAt]).toEqual([second(10), second(15)]);
  });

  test('does not end by a rule where a heartbeat is silent: that is told once', () => {
    const spec = { ...usualCorrelation, team: 'shop', match: 'true', inactivityTimeout: '10s' };
    const silence = tell(undefined, fires(0), { ...at(0), name: 'heartbeat/backup' });

    expect(withTimeout(silence, [{ name: 'rule', spec }]).resolvesAt).toBeNull();
  });

  test('flaps as one whose ends are told', () => {
    const alerts = { flapping: { changes: 3 } };
    const turned = tell(ended(after([fires(0), { ...at(0), alerts }]), second(60)), fires(0), {
      ...at(120),
      alerts,
    });

    expect(turned.flapsUntil).not.toBeNull();
  });
});

describe('a clock that is ahead', () => {
  test.each([
    ['an end that overtook its beginning ends it', [[ends(20, 22)], [fires(20)]], false],
    [
      'so does one of a long firing whose beginning is told once more',
      [
        [ends(20, 320), at(301)],
        [fires(20), at(302)],
      ],
      false,
    ],
    ['what begins behind its end fires', [[ends(20, 22)], [fires(23)]], true],
    ['what ends without a time has ended', [[fires(20)], [{ status: 'resolved', endedAt: second(1) }, at(1)]], false],
    ['what begins without a time fires', [[ends(20, 22)], [{}]], true],
    ['an end by a clock that was set meanwhile ends what it names', [[fires(240)], [ends(240, 60), at(60)]], false],
    [
      'what begins once the clock was put right fires, however often it is told',
      [[fires(210)], [ends(210, 240), at(30)], [fires(40), at(41)], [fires(40), at(50)]],
      true,
    ],
    [
      'and ends by the clock that was put right',
      [[fires(210)], [ends(210, 240), at(30)], [fires(40), at(41)], [ends(40, 60), at(60)]],
      false,
    ],
    ['by years: it fires once it is set', [[ends(1e8, 1e8 + 60)], [fires(1)]], true],
    ['by years: it ends', [[fires(1e8)], [ends(1e8, 1e8 + 60)]], false],
  ] satisfies [string, Told[], boolean][])('%s', (_, told, isFiring) => {
    expect(after(...told).isFiring).toBe(isFiring);
  });

  test('is not shown', () => {
    const alert = after([fires(20)]);

    expect([firesSince(alert), endsAt(tell(alert, ends(20, 25), at(4)))]).toEqual([second(0), second(4)]);
  });
});

describe('the team of an alert', () => {
  test('is that of its source when it was told last, also if it says nothing new', () => {
    expect(after([fires(0)], [fires(0), { team: 'other' }]).team).toBe('other');
  });

  test('does not change by what is older', () => {
    expect(after([fires(5), { team: 'other' }], [fires(0), { team: 'shop' }]).team).toBe('other');
  });

  test('tells apart what one sender of the API reports to several, by one key', () => {
    const fingerprintOf = (team: string, name = 'api/cid') => after([{}, { name, team }]).fingerprint;

    expect(fingerprintOf('shop')).not.toBe(fingerprintOf('other'));
    expect(fingerprintOf('shop', 'monitoring')).toBe(fingerprintOf('other', 'monitoring'));
  });
});
