import { describe, expect, test } from 'vitest';
import type { IncidentObservation, PlanObservation } from '../../domain/metric/observation.ts';
import { at, dated, days, incident, plan } from '../support/evidence.ts';
import { conditionKinds as kinds, conditions as find, many } from '../support/signal.ts';

/** Each condition of a signal, right at its threshold and one step short of it. */
describe('friction', () => {
  const period = { from: at(0), until: at(days(8 * 7)) };
  const weeks = (...counts: number[]): IncidentObservation[] =>
    counts.flatMap((count, week) => {
      const detectedAt = at(days(week * 7 + 1));
      return many(count, () => incident({ detectedAt, acknowledgedAt: detectedAt }));
    });

  test.each([
    // Mann-Kendall p 0.038, 0.061 and 0.0024.
    ['a rise that is hardly chance', [0, 1, 2, 2, 1, 3, 2, 3], ['friction incident-trend']],
    ['one that may be', [1, 2, 2, 3, 2, 3, 2, 4], []],
    ['no rise', [5, 4, 4, 3, 3, 2, 2, 1], []],
    ['as many each week', [4, 4, 4, 4, 4, 4, 4, 4], []],
  ])('of %s', (_, counts, found) => {
    expect(kinds({ period, incidents: weeks(...counts) })).toEqual(found);
  });

  test('is not what people practise', () => {
    const drills = weeks(0, 1, 2, 2, 1, 3, 2, 3).map((each) => ({ ...each, kind: 'drill' as const }));
    expect(kinds({ period, incidents: drills })).toEqual([]);
  });

  test('says how much and how sure, with what it stands on', () => {
    const incidents = weeks(1, 2, 3, 4, 5, 6, 7, 8);
    const [friction] = find({ period, incidents });
    expect(friction).toMatchObject({ targetStages: ['discover', 'support'], service: 'checkout' });
    expect(friction?.why).toMatch(/^1\.0 more a week \(Mann-Kendall p 0\.00\d\)$/);
    expect(friction?.evidence).toHaveLength(incidents.length);
  });
});

describe('detection', () => {
  const alerted = (needed: number, all: number): IncidentObservation[] =>
    many(all, (index) => incident(index < needed ? { acknowledgedAt: at(1) } : {}));

  test.each([
    [9, 20, ['detection noise']],
    [10, 20, []],
    [0, 20, ['detection noise']],
    [0, 19, []],
  ])('is noise where %d of %d alerts needed somebody, or is not', (needed, all, found) => {
    expect(kinds({ incidents: alerted(needed, all) })).toEqual(found);
  });

  test('counts alerts and not incidents', () => {
    const storm = [incident({ alerts: 19 }), incident({ alerts: 1, acknowledgedAt: at(1) })];
    expect(kinds({ incidents: storm })).toEqual(['detection noise']);
    expect(kinds({ incidents: [{ ...storm[0]!, alerts: 18 }, storm[1]!] })).toEqual([]);
  });

  test.each([
    ['person', {}, ['detection noticed-by-people']],
    ['person', { kind: 'drill' as const }, []],
    ['alert', {}, []],
    ['plan', {}, []],
  ] as const)('by a %s (%j)', (detectedBy, more, found) => {
    expect(kinds({ incidents: [incident({ detectedBy, alerts: 0, ...more })] })).toEqual(found);
  });
});

describe('a late readiness gap', () => {
  const live = plan({ conditions: ['restore-tested', 'on-call'] });

  test('is each check that was let pass where an incident came of it', () => {
    expect(kinds({ plans: [live], incidents: [incident({ plan: live.id }), incident({ plan: live.id })] })).toEqual([
      'late-readiness-gap check/restore-tested',
      'late-readiness-gap check/on-call',
    ]);
  });

  test.each([
    ['a plan that met all of its checks', plan(), (of: PlanObservation) => incident({ plan: of.id })],
    ['a plan that nothing came of', live, () => incident()],
    ['another plan', live, () => incident({ plan: 'another' })],
    ['a drill', live, (of: PlanObservation) => incident({ plan: of.id, kind: 'drill' })],
  ])('is not %s', (_, of, made) => {
    expect(kinds({ plans: [of], incidents: [made(of)] })).toEqual([]);
  });

  test('stands on its incidents and plans, and names none that is private', () => {
    const [open, hidden] = [incident({ plan: live.id }), incident({ plan: live.id, isPrivate: true })];
    const [gap] = find({ plans: [live], incidents: [open, hidden] });
    expect(gap).toMatchObject({
      why: '2 incidents of plans that went live with it',
      evidence: [`incident/${open.number}`, `plan/${live.id}`],
    });
  });
});

describe('a supplier below its promise', () => {
  const waited = (more: Partial<IncidentObservation> = {}) =>
    incident({ pauses: [{ why: 'vendor', from: at(0) }], ...more });

  test('is two incidents that waited', () => {
    expect(kinds({ supplied: [waited(), waited()] })).toEqual(['supplier-below-sla vendor']);
    expect(kinds({ supplied: [waited()] })).toEqual([]);
  });

  test('is no drill', () => {
    expect(kinds({ supplied: [waited(), waited({ kind: 'drill' })] })).toEqual([]);
  });
});

describe('toil', () => {
  const done = (title: string, minutes: number): PlanObservation => plan({ tasks: [{ title, minutes }] });
  const months = (count: number) => ({ from: at(0), until: at(days(30 * count)) });

  test.each([
    [5, 12, 1, ['toil task/Rotate']],
    [5, 11.9, 1, []],
    [4, 60, 1, []],
    [10, 12, 2, ['toil task/Rotate']],
    [9, 60, 2, []],
    [10, 11.9, 2, []],
    // A part of a month is no month of its own.
    [4, 60, 0.5, []],
  ])('is %d times, %d minutes each, in %d months', (times, minutes, count, found) => {
    expect(kinds({ period: months(count), plans: many(times, () => done('Rotate', minutes)) })).toEqual(found);
  });

  test('is one task, and not several that differ', () => {
    expect(kinds({ plans: many(5, (index) => done(`Rotate ${index}`, 60)) })).toEqual([]);
  });
});

describe('changes that cause incidents', () => {
  const deployed = (failed: number, all: number) =>
    many(all, (index) => plan({ status: index < failed ? 'undone' : 'completed', openedAt: at(index * 60) }));

  // The lower end of Wilson's interval: 0.181 and 0.145 of 20, 0.167 and 0.142 of 30; the target is 0.15.
  test.each([
    [7, 20, ['change-caused-incidents change-failure-rate']],
    [6, 20, []],
    [9, 30, ['change-caused-incidents change-failure-rate']],
    [8, 30, []],
    [19, 19, []],
    [20, 20, ['change-caused-incidents change-failure-rate']],
  ])('are %d of %d, or are not', (failed, all, found) => {
    expect(kinds({ plans: deployed(failed, all) })).toEqual(found);
  });

  test('are told with 95 %, and with those that failed alone', () => {
    const plans = deployed(7, 20);
    expect(find({ plans })[0]).toMatchObject({
      why: '7 of 20 deployments failed: with 95 % at least 18.1 %, over 15 %',
      evidence: plans.slice(0, 7).map(({ id }) => `plan/${id}`),
    });
  });
});

describe('an objective', () => {
  const used = (objective: string, ...shares: number[]) =>
    shares.map((share, index) => ({
      objective,
      service: 'checkout',
      from: dated(-index),
      until: dated(1 - index),
      used: share,
    }));

  test.each([
    ['unmet', [1, 1], ['objective-unmet objective/latency']],
    ['not unmet', [1, 0.999], []],
    ['not unmet', [0.999, 1, 1], []],
    ['not unmet', [3], []],
    ['unused', [0.099, 0.099, 0.099, 0.099], ['objective-unused objective/latency']],
    ['not unused', [0.1, 0, 0, 0], []],
    ['not unused', [0, 0, 0, 0.1], []],
    ['not unused', [0, 0, 0], []],
    ['unused, whatever it was before', [0, 0, 0, 0, 2, 2], ['objective-unused objective/latency']],
  ])('is %s with %j, the latest period first', (_, shares, found) => {
    expect(kinds({ objectives: used('latency', ...shares) })).toEqual(found);
  });

  test('is judged by its own periods, beside the others', () => {
    const both = [used('latency', 1.5, 1.1), used('errors', 0, 0, 0, 0)];
    const mixed = [both[1]![0]!, both[0]![0]!, both[1]![1]!, both[0]![1]!, ...both[1]!.slice(2)];
    expect(kinds({ objectives: mixed }).toSorted()).toEqual([
      'objective-unmet objective/latency',
      'objective-unused objective/errors',
    ]);
    expect(kinds({ objectives: [...used('latency', 1.5), ...used('errors', 1.5)] })).toEqual([]);
  });
});
