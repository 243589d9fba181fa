import { describe, expect, test } from 'vitest';
import type { IncidentProfile } from '../../domain/insight/profile.ts';
import type { IncidentObservation, PlanObservation } from '../../domain/metric/observation.ts';
import type { PatternEvidence } from '../../domain/pattern/evidence.ts';
import { patternsIn, problemFindingOf } from '../../domain/pattern/finding.ts';
import { dayOf, patternEvidence as evidenceOf, profile as incident, until } from '../support/pattern.ts';

const ofCluster = (id: number): Partial<IncidentProfile> => ({
  cluster: `service/web/template/${id}`,
  templates: [{ id, text: `kind ${id}` }],
});

const found = (evidence: PatternEvidence, rule: string) =>
  patternsIn(evidence).patterns.filter((pattern) => pattern.rule === rule);
const unknown = (evidence: PatternEvidence, rule: string) =>
  patternsIn(evidence).inconclusive.filter((each) => each.rule === rule);

describe('recurrence', () => {
  test('is three similar incidents in thirty days, also where the first came before the period', () => {
    const some = [incident(32), incident(20), incident(4)];
    expect(found(evidenceOf(some), 'recurrence')).toMatchObject([
      {
        pattern: 'service/web/template/1',
        title: 'Pool <*> is empty',
        incidents: some.map((one) => one.number),
        count: 3,
        why: '3 similar incidents within 30d',
      },
    ]);
  });
  test('is not two, nor three in a longer time, nor three of different clusters', () => {
    expect(found(evidenceOf([incident(3), incident(2)]), 'recurrence')).toEqual([]);
    expect(found(evidenceOf([incident(36), incident(20), incident(4)]), 'recurrence')).toEqual([]);
    const mixed = [incident(3), incident(2, ofCluster(2)), incident(1, ofCluster(3))];
    expect(found(evidenceOf(mixed), 'recurrence')).toEqual([]);
  });
  test('by cause is two of a service in half a year', () => {
    const same = { causes: ['factor: no limit'] };
    const some = [incident(150, { ...ofCluster(2), ...same }), incident(4, same)];
    expect(found(evidenceOf(some), 'same-cause')).toMatchObject([
      { count: 2, incidents: some.map((one) => one.number) },
    ]);
    const apart = [incident(190, { ...ofCluster(2), ...same }), incident(4, same)];
    expect(found(evidenceOf(apart), 'same-cause')).toEqual([]);
    expect(found(evidenceOf([incident(9, { ...same, service: 'db' }), incident(4, same)]), 'same-cause')).toEqual([]);
  });
});

describe('an exceedance', () => {
  const steady = (perWeek: number, of: Partial<IncidentProfile> = {}) =>
    Array.from({ length: 13 * perWeek }, (_, at) => incident(7.5 + (at * 7) / perWeek, of));
  const burst = (count: number, of: Partial<IncidentProfile> = {}) =>
    Array.from({ length: count }, (_, at) => incident(1 + at / count, of));

  test('is more than was to be expected of the weeks before', () => {
    const [pattern] = found(evidenceOf([...steady(2), ...burst(9)]), 'exceedance');
    expect(pattern).toMatchObject({ count: 9, expected: 2, tests: 4 });
    // P(X ≥ 9 | 2), Poisson.
    expect(pattern!.p).toBeCloseTo(0.000237, 6);
    expect(pattern!.window).toEqual({
      from: new Date(dayOf(-7)).toISOString(),
      until: new Date(until).toISOString(),
    });
  });
  test('is not what comes as often as ever, nor a little more', () => {
    expect(found(evidenceOf([...steady(4), ...burst(4)]), 'exceedance')).toEqual([]);
    expect(found(evidenceOf([...steady(2), ...burst(5)]), 'exceedance')).toEqual([]);
  });
  test('has to be rarer where more is looked at', () => {
    const one = [...steady(1), ...burst(5)];
    const others = Array.from({ length: 20 }, (_, at) => steady(1, ofCluster(at + 2))).flat();
    expect(found(evidenceOf(one), 'exceedance')).toHaveLength(1);
    expect(found(evidenceOf([...steady(1), ...burst(7), ...others]), 'exceedance')).toHaveLength(1);
    expect(found(evidenceOf([...one, ...others]), 'exceedance')).toHaveLength(0);
  });
  test('is less of a surprise where counts have always varied', () => {
    const wild = Array.from({ length: 13 }, (_, week) => week)
      .filter((week) => week % 4 === 0)
      .flatMap((week) => Array.from({ length: 8 }, (__, at) => incident(8 + week * 7 + at / 10)));
    expect(found(evidenceOf([...wild, ...burst(9)]), 'exceedance')).toEqual([]);
  });
  test('cannot be told where nothing is known of before', () => {
    const evidence = evidenceOf(burst(9), { since: dayOf(-14), period: { from: dayOf(-7), until } });
    expect(found(evidence, 'exceedance')).toEqual([]);
    expect(unknown(evidence, 'exceedance')).toHaveLength(1);
  });
});

describe('a trend', () => {
  const weekly = (counts: readonly number[], of: Partial<IncidentProfile> = {}) =>
    counts.flatMap((count, week) =>
      Array.from({ length: count }, (_, at) => incident((counts.length - week - 1) * 7 + 1 + at / 10, of)),
    );

  test('is a cluster that comes more often from week to week', () => {
    const [pattern] = found(evidenceOf(weekly([0, 1, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5])), 'trend');
    expect(pattern).toMatchObject({ pattern: 'service/web/template/1', count: 26 });
    expect(pattern!.p).toBeLessThan(0.001);
    expect(pattern!.slope).toBeGreaterThan(0.3);
  });
  test('is a service as a whole where no cluster of it shows one by itself', () => {
    const some = [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4].flatMap((count, week) =>
      Array.from({ length: count }, (_, at) => incident((11 - week) * 7 + 1 + at / 10, ofCluster(week * 10 + at))),
    );
    expect(found(evidenceOf(some), 'trend')).toMatchObject([
      { pattern: 'service/web/trend', title: 'Incidents of web are rising' },
    ]);
  });
  test('is none where they become fewer, or as they please', () => {
    expect(found(evidenceOf(weekly([5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 1, 0])), 'trend')).toEqual([]);
    expect(found(evidenceOf(weekly([2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1])), 'trend')).toEqual([]);
  });
  test('cannot be told before there are as many weeks', () => {
    const evidence = evidenceOf(weekly([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), { since: dayOf(-30) });
    expect(found(evidence, 'trend')).toEqual([]);
    expect(unknown(evidence, 'trend')).toHaveLength(1);
  });
});

describe('alerts', () => {
  const alert = (fingerprint: string, count: number, team = 'shop') => ({
    fingerprint,
    title: `Alert ${fingerprint}`,
    team,
    service: 'web',
    changes: Array.from({ length: count }, (_, at) => dayOf(-2) + at),
  });
  test('that flap most are found, so many of each team', () => {
    const alerts = [
      alert('a', 20),
      alert('b', 14),
      alert('c', 13),
      alert('d', 12),
      alert('e', 11),
      alert('f', 15, 'ops'),
    ];
    const some = [incident(2, { alerts: ['a'] })];
    const patterns = found(evidenceOf(some, { alerts }), 'flapping');
    expect(patterns.map(({ pattern }) => pattern)).toEqual(['alert/a', 'alert/b', 'alert/c', 'alert/f']);
    expect(patterns[0]).toMatchObject({ count: 20, incidents: [some[0]!.number] });
  });
  test('that changed before the period do not count', () => {
    const early = { ...alert('a', 20), changes: Array.from({ length: 20 }, (_, at) => dayOf(-40) + at) };
    expect(found(evidenceOf([], { alerts: [early] }), 'flapping')).toEqual([]);
  });
});

describe('user-minutes', () => {
  const felt = (users: number | undefined, of: Partial<IncidentProfile>) => {
    const profile = incident(3, of);
    const from = Date.parse(profile.at);
    const seen = {
      number: profile.number,
      kind: 'real',
      affectedUsers: users,
      open: [{ from, until: from + 60 * 60_000 }],
    } as unknown as IncidentObservation;
    return { profile, seen };
  };
  const evidence = (...some: ReturnType<typeof felt>[]) =>
    evidenceOf(
      some.map(({ profile }) => profile),
      { observations: new Map(some.map(({ seen }) => [seen.number, seen])) },
    );

  test('of the few kinds that make up most are found, and what is not known is said', () => {
    const patterns = found(
      evidence(
        felt(900, ofCluster(1)),
        felt(50, ofCluster(2)),
        felt(30, ofCluster(3)),
        felt(20, ofCluster(4)),
        felt(undefined, ofCluster(5)),
      ),
      'user-minutes',
    );
    expect(patterns).toMatchObject([
      {
        pattern: 'service/web/template/1',
        count: 54_000,
        why: '54000 of 60000 user-minutes, one of 1 of 4 kinds that make up 80 %; not known of 1 incidents',
      },
    ]);
  });
  test('that are spread over most kinds show no few', () => {
    const even = [1, 2, 3, 4, 5].map((id) => felt(100, ofCluster(id)));
    expect(found(evidence(...even), 'user-minutes')).toEqual([]);
  });
  test('that nobody knows show nothing', () => {
    expect(unknown(evidence(felt(undefined, {}), felt(undefined, ofCluster(2))), 'user-minutes')).toHaveLength(1);
  });
});

describe('near misses', () => {
  const plan = (id: string, status: string, day = 3): PlanObservation =>
    ({ id, status, team: 'shop', service: 'web', openedAt: dayOf(-day) }) as PlanObservation;
  test('are changes that failed without an incident', () => {
    const plans = [plan('a', 'undone'), plan('b', 'failed', 2), plan('c', 'completed')];
    expect(found(evidenceOf([], { plans }), 'near-miss')).toMatchObject([
      { pattern: 'service/web/near-miss', count: 2, incidents: [] },
    ]);
    expect(found(evidenceOf([], { plans, plansOfIncidents: new Set(['b']) }), 'near-miss')).toEqual([]);
    expect(found(evidenceOf([], { plans: [plan('a', 'undone')] }), 'near-miss')).toEqual([]);
  });
});

test('the same past has the same patterns, whoever opened a problem since', () => {
  const some = [incident(9), incident(5), incident(4), incident(2, ofCluster(2)), incident(1, ofCluster(2))];
  const one = patternsIn(evidenceOf(some));
  const other = patternsIn(evidenceOf(some, { problems: new Map([['service/web/template/1', 7]]) }));
  expect(other.hash).toBe(one.hash);
  expect(other.patterns.find(({ rule }) => rule === 'recurrence')).toMatchObject({ problem: 7 });
  expect(patternsIn(evidenceOf(some.slice(1))).hash).not.toBe(one.hash);
  expect(one.inconclusive.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['forecast', 'advisory']));
  expect(problemFindingOf(one.patterns.find(({ rule }) => rule === 'recurrence')!)).toMatchObject({
    finding: { identification: 'recurrence', incidents: some.slice(0, 3).map((each) => each.number) },
    found: String(some[2]!.number),
  });
});
