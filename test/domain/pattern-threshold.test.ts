import { describe, expect, test } from 'vitest';
import type { IncidentProfile } from '../../domain/insight/profile.ts';
import type { IncidentObservation, PlanObservation } from '../../domain/metric/observation.ts';
import type { PatternEvidence } from '../../domain/pattern/evidence.ts';
import { patternsIn } from '../../domain/pattern/finding.ts';
import { ProblemPolicySpec } from '../../domain/problem-policy.ts';
import { dayOf, patternEvidence, profile, until } from '../support/pattern.ts';

/** Each rule of a ProblemPolicy that finds patterns, right at its threshold and one step short of it. */
/** An incident of a kind, so many days before the end of the period. */
const incident = (day: number, kind = 1, more: Partial<IncidentProfile> = {}): IncidentProfile =>
  profile(day, { words: ['pool'], templates: [{ id: kind, text: `kind ${kind}` }], cluster: `kind/${kind}`, ...more });
type Known = Partial<PatternEvidence> & { policy?: Parameters<typeof ProblemPolicySpec.parse>[0] };
const found = (rule: string, { policy = {}, profiles = [], ...more }: Known): string[] =>
  patternsIn(patternEvidence(profiles, { policy: ProblemPolicySpec.parse(policy), ...more }))
    .patterns.filter((pattern) => pattern.rule === rule)
    .map(({ pattern }) => pattern);

describe('flapping', () => {
  const alert = (fingerprint: string, count: number, more: object = {}) => ({
    fingerprint,
    title: `Alert ${fingerprint}`,
    team: 'shop',
    service: 'web',
    changes: Array.from({ length: count }, (_, at) => dayOf(-2) + at),
    ...more,
  });

  test('is twelve changes in the period, of which those at its end are no part', () => {
    expect(found('flapping', { alerts: [alert('a', 12)] })).toEqual(['alert/a']);
    expect(found('flapping', { alerts: [alert('a', 11)] })).toEqual([]);
    const [first, ...rest] = alert('a', 12).changes;
    expect(found('flapping', { alerts: [alert('a', 0, { changes: [dayOf(-28), ...rest] })] })).toEqual(['alert/a']);
    expect(found('flapping', { alerts: [alert('a', 0, { changes: [dayOf(-28) - 1, ...rest] })] })).toEqual([]);
    expect(found('flapping', { alerts: [alert('a', 0, { changes: [first!, ...rest.slice(1), until] })] })).toEqual([]);
  });

  test('is as many of a team as its policy says, those that change most', () => {
    const alerts = [alert('a', 12), alert('b', 14), alert('c', 13)];
    expect(found('flapping', { alerts, policy: { flapping: { top: 2 } } })).toEqual(['alert/b', 'alert/c']);
    expect(found('flapping', { alerts, policy: { flapping: { changes: 14 } } })).toEqual(['alert/b']);
    const others = alerts.map((each) => ({ ...each, fingerprint: `${each.fingerprint}2`, team: 'ops' }));
    expect(found('flapping', { alerts: [...alerts, ...others], policy: { flapping: { top: 1 } } })).toEqual([
      'alert/b',
      'alert/b2',
    ]);
  });

  test('of as many changes is the same alert, in whatever order they came', () => {
    const alerts = [alert('b', 12), alert('a', 12)];
    const policy = { flapping: { top: 1 } };
    expect(found('flapping', { alerts, policy })).toEqual(['alert/a']);
    expect(found('flapping', { alerts: alerts.toReversed(), policy })).toEqual(['alert/a']);
  });
});

describe('a trend', () => {
  const weekly = (...counts: number[]): IncidentProfile[] =>
    counts.flatMap((count, week) =>
      Array.from({ length: count }, (_, at) => incident((counts.length - week - 1) * 7 + 1 + at / 10)),
    );

  // Mann-Kendall p 0.0485, 0.0509 and 0.0348, of which the slope of Theil and Sen is 0.
  test.each([
    ['a rise that is hardly chance', [1, 0, 1, 1, 2, 3, 3, 3, 1, 4, 1, 3], ['kind/1']],
    ['one that may be', [2, 2, 0, 3, 0, 3, 1, 2, 3, 3, 4, 3], []],
    ['one without a slope', [0, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1], []],
  ])('of %s', (_, counts, patterns) => {
    expect(found('trend', { profiles: weekly(...counts) })).toEqual(patterns);
  });

  test('is of at least six incidents, or as many as the policy says', () => {
    const profiles = weekly(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1);
    expect(found('trend', { profiles })).toEqual(['kind/1']);
    expect(found('trend', { profiles: profiles.slice(1) })).toEqual([]);
    expect(found('trend', { profiles, policy: { trend: { incidents: 7 } } })).toEqual([]);
  });

  test('needs all of its weeks to be known', () => {
    const profiles = weekly(0, 1, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5);
    expect(found('trend', { profiles, since: dayOf(-84) })).toEqual(['kind/1']);
    expect(found('trend', { profiles, since: dayOf(-84) + 1 })).toEqual([]);
    expect(found('trend', { profiles, since: dayOf(-56), policy: { trend: { weeks: 8 } } })).toEqual(['kind/1']);
  });
});

describe('user-minutes', () => {
  /** An incident of each kind, which so many users felt for an hour; of undefined nobody knows. */
  const felt = (users: readonly (number | undefined)[], more: Partial<IncidentObservation> = {}) => {
    const profiles = users.map((_, at) => incident(3, at + 1));
    const observations = new Map(
      profiles.map(({ number: of, at }, index) => {
        const from = Date.parse(at);
        const open = [{ from, until: from + 60 * 60_000 }];
        const affectedUsers = users[index];
        return [of, { number: of, kind: 'real', affectedUsers, open, ...more } as unknown as IncidentObservation];
      }),
    );
    return { profiles, observations };
  };

  test.each([
    ['one of three kinds that makes up 80 %', [80, 11, 9], ['kind/1']],
    ['not two of three', [79, 11, 10], []],
    ['two of four', [50, 30, 11, 9], ['kind/1', 'kind/2']],
    ['not three of four', [50, 29, 11, 10], []],
    ['not one of two, which are no few', [99, 1], []],
    ['not those that nobody felt', [80, 11, 0], []],
    ['not those that nobody knows of', [80, 11, undefined], []],
  ])('are %s', (_, users, patterns) => {
    expect(found('user-minutes', felt(users))).toEqual(patterns);
  });

  test('are as few as the policy says, of as much as it says', () => {
    expect(found('user-minutes', { ...felt([50, 30, 11, 9]), policy: { userMinutes: { atMost: 0.4 } } })).toEqual([]);
    expect(found('user-minutes', { ...felt([50, 30, 11, 9]), policy: { userMinutes: { share: 0.5 } } })).toEqual([
      'kind/1',
    ]);
  });

  test('are of no drill', () => {
    expect(found('user-minutes', felt([80, 11, 9], { kind: 'drill' }))).toEqual([]);
  });
});

describe('a near miss', () => {
  const plan = (day: number, more: Partial<PlanObservation> = {}): PlanObservation =>
    ({
      id: `p${day}`,
      status: 'undone',
      team: 'shop',
      service: 'web',
      openedAt: dayOf(-day),
      ...more,
    }) as PlanObservation;
  const period = { from: dayOf(-90), until };
  const pattern = ['service/web/near-miss'];

  test('is two changes within thirty days', () => {
    expect(found('near-miss', { period, plans: [plan(3), plan(32.9)] })).toEqual(pattern);
    expect(found('near-miss', { period, plans: [plan(3), plan(33.1)] })).toEqual([]);
    expect(found('near-miss', { period, plans: [plan(3)] })).toEqual([]);
  });

  test.each([
    ['failed', 'undone', pattern],
    ['failed', 'completed', []],
    ['undone', 'cancelled', []],
  ] as const)('is one that was %s and one that was %s, or is none', (one, other, patterns) => {
    const plans = [plan(3, { status: one }), plan(4, { status: other })];
    expect(found('near-miss', { period, plans })).toEqual(patterns);
  });

  test('is none where an incident was opened for one of them, nor of two services', () => {
    const plans = [plan(3), plan(4)];
    expect(found('near-miss', { period, plans, plansOfIncidents: new Set(['p4']) })).toEqual([]);
    expect(found('near-miss', { period, plans: [plan(3), plan(4, { service: 'cart' })] })).toEqual([]);
  });

  test('is as many as the policy says, in its time', () => {
    const plans = [plan(3), plan(9), plan(12)];
    expect(found('near-miss', { period, plans, policy: { nearMisses: { plans: 3 } } })).toEqual(pattern);
    expect(found('near-miss', { period, plans, policy: { nearMisses: { plans: 4 } } })).toEqual([]);
    const policy = { nearMisses: { plans: 3, within: '8d' } };
    expect(found('near-miss', { period, plans, policy })).toEqual([]);
  });
});
