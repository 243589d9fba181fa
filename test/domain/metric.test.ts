import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MetricName } from '../../domain/metric.ts';
import { compare } from '../../domain/metric/comparison.ts';
import { computation } from '../../domain/metric/computation.ts';
import { definitions } from '../../domain/metric/definition.ts';
import type { Evidence } from '../../domain/metric/evidence.ts';
import { shareOf } from '../../domain/metric/finding.ts';
import { clockTermsOf } from '../../domain/incident/clock.ts';
import { SeverityPolicySpec } from '../../domain/severity-policy.ts';
import { at, dated, days, evidence, incident, lasting, plan, start } from '../support/evidence.ts';

const find = (metric: MetricName, known: Partial<Evidence>) => definitions[metric].compute(evidence(known));

describe('times of incidents', () => {
  const incidents = [
    lasting(0, 4, 6, 34, 50, 90),
    lasting(days(3), 1, 11, 21, 30, 45),
    lasting(days(5), 30, 32, 150, 240, 400),
    lasting(days(9), 2, 3, 8, 8, 20),
  ];
  test.each([
    ['mttd', 9.25],
    ['mtta', 3.75],
    ['mttm', 53.25],
    ['mttr-restore', 82],
    ['mttr-respond', 72.75],
    ['mttr-repair', 69],
    ['mttr-resolve', 138.75],
  ] as const)('%s is %d minutes', (metric, minutes) => {
    expect(find(metric, { incidents })).toMatchObject({ value: minutes, n: 4, missing: 0 });
  });
  test('say what the mean hides', () => {
    const { summary, values, interval } = find('mttr-restore', { incidents });
    expect(summary?.geometricMean).toBeCloseTo(41.195, 3);
    expect(values).toEqual([50, 30, 240, 8]);
    expect(interval?.method).toBe('bootstrap');
  });
  test('count what was detected before users felt it as 0, and never below', () => {
    const early = incident({ impactAt: at(10), detectedAt: at(0) });
    expect(find('mttd', { incidents: [early] })).toMatchObject({ value: 0, n: 1 });
  });
  test('keep machines and people apart', () => {
    const byPerson = incident({ detectedBy: 'person', impactAt: at(0), detectedAt: at(20) });
    const { parts } = find('mttd', { incidents: [...incidents, byPerson] });
    expect(parts).toEqual([
      { name: 'machine', value: 9.25, n: 4 },
      { name: 'person', value: 20, n: 1 },
    ]);
  });
  test('leave out drills and what was none, and say so', () => {
    const drill = { ...lasting(0, 500, 500, 500, 500, 500), kind: 'drill' as const };
    const none = { ...lasting(0, 500, 500, 500, 500, 500), cancelled: 'false-positive' };
    const period = { from: dated(0), until: dated(days(30)) };
    const compute = computation(
      { scope: {}, period, sources: [] },
      evidence({ incidents: [...incidents, drill, none] }),
    );
    const { figures, leftOut } = compute('mttd');
    expect(figures.value).toBe(9.25);
    expect(leftOut).toEqual([
      { why: 'drill', n: 1 },
      { why: 'false-positive', n: 1 },
    ]);
  });
  test('sum up what users felt of one that was reopened', () => {
    const reopened = {
      ...lasting(0, 1, 2, 3, 100, 120),
      reopened: 1,
      open: [
        { from: at(0), until: at(10) },
        { from: at(80), until: at(100) },
      ],
    };
    expect(find('mttr-restore', { incidents: [reopened] }).value).toBe(30);
  });
  test('count what lasts still for as long as it was seen', () => {
    const ended = [10, 20, 30].map((minutes) => lasting(0, 0, 0, 0, minutes, minutes));
    const open = [25, 100].map((minutes) =>
      incident({ status: 'mitigating', impactAt: at(100 - minutes), open: [{ from: at(100 - minutes) }] }),
    );
    const now = start + 100 * 60_000;
    expect(find('mttr-restore', { incidents: [...ended, ...open], now })).toMatchObject({
      value: 20,
      n: 3,
      missing: 2,
      open: { n: 2, median: 30 },
    });
  });
});

describe('rates', () => {
  test('a repeat is of the same problem, of the same alerts, or follows another', () => {
    const first = incident({ detectedAt: at(0), key: 'disk' });
    const again = incident({ detectedAt: at(days(2)), key: 'disk' });
    const late = incident({ detectedAt: at(days(40)), key: 'disk' });
    const other = incident({ detectedAt: at(days(3)), key: 'cpu' });
    const problems = new Map([
      [other.number, 7],
      [again.number, 7],
    ]);
    expect(find('repeat-rate', { incidents: [again, other], earlier: [first], problems })).toMatchObject({
      numerator: 2,
      denominator: 2,
    });
    expect(find('repeat-rate', { incidents: [late], earlier: [first] }).numerator).toBe(0);
    expect(find('repeat-rate', { incidents: [incident({ follows: 3 })] }).numerator).toBe(1);
  });
  test('a repeat is of the same cluster where there is one, however coarse the key of its alerts is', () => {
    const first = incident({ detectedAt: at(0), key: 'web' });
    const again = incident({ detectedAt: at(days(2)) });
    const other = incident({ detectedAt: at(days(3)), key: 'web' });
    const of = (cluster: string) => ({ cluster, title: cluster });
    const clusters = new Map([
      [first.number, of('pool')],
      [again.number, of('pool')],
      [other.number, of('disk')],
    ]);
    const found = find('repeat-rate', { incidents: [again, other], earlier: [first], clusters });
    expect([...found.inputs].filter(({ value }) => value === 1)).toMatchObject([{ id: `incident/${again.number}` }]);
  });
  test('hand-backs collapse equal neighbours', () => {
    const incidents = [
      incident({ assignees: ['ana', 'ben', 'ana'] }),
      incident({ assignees: ['ana', 'ana', 'ben'] }),
      incident({ assignees: ['ana'] }),
      incident(),
    ];
    expect(find('hand-back-rate', { incidents })).toMatchObject({ numerator: 1, denominator: 3 });
  });
  test('what healed by itself is no success of automation', () => {
    const incidents = (['person', 'automation', 'self-healed'] as const).map((restoredBy) => incident({ restoredBy }));
    const { value, parts } = find('incident-automation', { incidents: [...incidents, incident()] });
    expect(value).toBeCloseTo(1 / 3, 10);
    expect(parts?.map(({ n }) => n)).toEqual([1, 1, 1]);
  });
  test('an approval makes no work manual', () => {
    const activities = [
      { name: 'check', by: 'autonomous' as const },
      { name: 'switch', by: 'approved' as const },
      { name: 'call', by: 'manual' as const },
    ];
    expect(find('activity-automation', { plans: [plan({ activities })] })).toMatchObject({
      numerator: 2,
      denominator: 3,
    });
  });
  test('detection by monitoring, of what is known', () => {
    const incidents = [
      ...Array.from({ length: 24 }, () => incident()),
      ...Array.from({ length: 6 }, () => incident({ detectedBy: 'person' })),
    ];
    expect(find('detection-coverage', { incidents }).value).toBe(0.8);
  });
  test('toil is manual work that comes again, of all working hours', () => {
    const tasks = [10, 20, 30].map((minutes) => ({ title: 'Rotate the key', minutes }));
    const rare = { title: 'Call the vendor', minutes: 600 };
    const plans = [plan({ tasks: [...tasks, rare] })];
    expect(find('toil-share', { plans, workedMinutes: 600 })).toMatchObject({ value: 0.1, numerator: 60 });
    expect(find('toil-share', { plans })).toMatchObject({ value: null, why: 'no working hours are known' });
  });
});

describe('a change', () => {
  test('has failed where it was undone, rolled back, or an incident was opened for it', () => {
    const undone = plan({ status: 'undone', openedAt: at(0) });
    const rolledBack = plan({ service: 'search', openedAt: at(0) });
    const rollback = plan({ service: 'search', trigger: 'rollback', openedAt: at(30), endedAt: at(45) });
    const fine = plan({ service: 'cart', openedAt: at(0) });
    const hurting = plan({ service: 'mail', openedAt: at(0) });
    const elsewhere = plan({ environment: 'staging', status: 'failed' });
    const plans = [undone, rolledBack, rollback, fine, hurting, elsewhere];
    const incidents = [incident({ service: 'mail', plan: hurting.id, impactAt: at(5), restoredAt: at(65), open: [] })];
    expect(find('change-failure-rate-confirmed', { plans, incidents })).toMatchObject({ numerator: 3, denominator: 4 });
    expect(find('failed-deployment-recovery', { plans, incidents })).toMatchObject({
      value: null,
      n: 3,
      values: expect.arrayContaining([10, 45, 65]),
    });
  });
  test('is suspected where an incident of what depends on it came soon after', () => {
    const plans = [plan({ service: 'database', startedAt: at(0) }), plan({ service: 'database', startedAt: at(60) })];
    const incidents = [incident({ impactAt: at(90) })];
    const dependenciesOf = () => ['database'];
    expect([...find('change-failure-rate-suspected', { plans, incidents, dependenciesOf }).inputs]).toEqual([
      { id: `plan/${plans[0]!.id}`, value: 0 },
      { id: `plan/${plans[1]!.id}`, value: 1 },
    ]);
    expect(find('change-failure-rate-confirmed', { plans, incidents, dependenciesOf }).numerator).toBe(0);
  });
  test('has a lead time where its sender says when it was committed', () => {
    const plans = [5, 10, 15, 20, 100].map((minutes) => plan({ openedAt: at(minutes), committedAt: at(0) }));
    expect(find('deployment-lead-time', { plans: [...plans, plan()] })).toMatchObject({ value: 15, n: 5, missing: 1 });
  });
});

describe('on call', () => {
  const page = (id: string, isOutOfHours: boolean) => ({
    id,
    incident: 1,
    team: 'shop',
    at: at(0),
    dueAt: at(5),
    isOutOfHours,
  });
  test('pages are counted by shift, and by whether they came out of hours', () => {
    const pages = [page('a', true), page('b', true), page('c', false)];
    expect(find('pages-per-shift', { pages }).value).toBe(3 / 60);
    expect(find('out-of-hours-pages', { pages })).toMatchObject({ numerator: 2, denominator: 3 });
  });
  test('are kept where somebody acknowledged in time', () => {
    const known = { ...incident({ acknowledgedAt: at(4) }), number: 1 };
    expect(find('page-compliance', { pages: [page('a', true)], incidents: [known] }).value).toBe(1);
    expect(find('page-compliance', { pages: [page('a', true)] }).value).toBe(0);
  });
});

describe('what is promised', () => {
  test('an action is due until the end of its day', () => {
    const actions = [
      { id: 'problem/1/action/1', dueOn: '2026-10-05', doneAt: '2026-10-05T23:59:00.000Z' },
      { id: 'problem/1/action/2', dueOn: '2026-10-05', doneAt: '2026-10-06T00:01:00.000Z' },
      { id: 'problem/1/action/3', dueOn: '2026-10-05' },
      { id: 'problem/1/action/4', dueOn: '2026-12-05' },
    ];
    const ofPublic = actions.map((action) => ({ ...action, isPrivate: false }));
    expect(find('action-compliance', { actions: ofPublic })).toMatchObject({ numerator: 1, denominator: 3 });
  });
  test('an incident keeps its targets, or it does not', () => {
    const policy = SeverityPolicySpec.parse({
      responses: { 'SEV-2': { timeToOwn: { within: '10m' }, timeToResolve: { within: '1h' } } },
    });
    const termsOf = () => clockTermsOf(policy, undefined, undefined);
    const kept = incident({ ownedAt: at(5), resolvedAt: at(50) });
    const broken = incident({ ownedAt: at(5), resolvedAt: at(70) });
    const running = incident({ openedAt: at(days(31) - 2) });
    expect(find('incident-sla-compliance', { incidents: [kept, broken, running], termsOf })).toMatchObject({
      numerator: 1,
      denominator: 2,
      missing: 1,
    });
  });
});

describe('availability of a service', () => {
  test('comes from what users felt, by severity, and of what it needs', () => {
    const down = incident({ severity: 'SEV-1', open: [{ from: at(100), until: at(160) }] });
    const needed = [incident({ service: 'database', severity: 'SEV-1', open: [{ from: at(200), until: at(260) }] })];
    const { value, parts, denominator } = find('availability', {
      incidents: [down],
      needed,
      needsOf: (service) => ({ all: service === 'checkout' ? ['database'] : [], oneOf: [] }),
    });
    expect(denominator).toBe(43_200);
    expect(value).toBeCloseTo(1 - 60 / 43_200, 10);
    expect(parts?.[1]?.value).toBeCloseTo(1 - 120 / 43_200, 10);
    expect(find('availability', { service: undefined })).toMatchObject({ value: null });
    expect(find('mtbf', { incidents: [down] }).value).toBe(43_140);
    expect(find('mtbf', {})).toMatchObject({ value: null, why: 'nothing failed in 30 days' });
  });
});

describe('the time until detection', () => {
  test('is not known of what was written down afterwards', () => {
    const told = lasting(0, 10, 12, 20, 30, 40);
    const backfilled = { ...lasting(0, days(20), days(20), days(20), days(20), days(20)), kind: 'backfilled' as const };
    expect(find('mttd', { incidents: [told, backfilled] })).toMatchObject({ value: 10, n: 1, missing: 1 });
  });
});

describe('availability of a month', () => {
  test('has what was felt in it and noticed afterwards', () => {
    const later = [
      incident({
        severity: 'SEV-1',
        detectedAt: at(days(40)),
        open: [{ from: at(days(30) - 240), until: at(days(30) + 60) }],
      }),
    ];
    expect(find('availability', { later }).value).toBeCloseTo(1 - 240 / days(30), 10);
  });
});

describe('availability of a service with what it needs', () => {
  const down = (service: string, from: number, until: number, severity: 'SEV-1' | 'SEV-2' = 'SEV-1') =>
    incident({ service, severity, open: [{ from: at(from), until: at(until) }] });
  const partsWith = (needed: ReturnType<typeof incident>[]) =>
    find('availability', {
      needed,
      needsOf: (service) =>
        service === 'checkout' ? { all: [], oneOf: [['db-1', 'db-2']] } : { all: ['network'], oneOf: [] },
    }).parts?.map(({ value }) => value);
  const month = days(30);

  test('is down when all of a group are, and while the network is that each of them needs', () => {
    expect(partsWith([down('db-1', 0, 100), down('db-2', 60, 200)])?.[1]).toBeCloseTo(1 - 40 / month, 10);
    expect(partsWith([down('db-1', 0, 100)])?.[1]).toBe(1);
    expect(partsWith([down('network', 0, 100)])?.[1]).toBeCloseTo(1 - 100 / month, 10);
  });
  test('is down for some while one of the group is down for all and the other for some', () => {
    expect(partsWith([down('db-1', 0, 100), down('db-2', 60, 200, 'SEV-2')])?.[1]).toBeCloseTo(1 - 12 / month, 10);
  });
  test('is expected to be what the parts make by chance: two at 99 % are 99.99 %', () => {
    const hundredth = month / 100;
    const parts = partsWith([down('db-1', 0, hundredth), down('db-2', 5 * hundredth, 6 * hundredth)]);
    expect(parts?.[2]).toBeCloseTo(0.9999, 10);
  });
  test('comes to an end where services need each other', () => {
    const needsOf = (service: string) => ({ all: [service === 'checkout' ? 'cart' : 'checkout'], oneOf: [] });
    const { parts } = find('availability', { needsOf, needed: [down('cart', 0, 100)] });
    expect(parts?.[1]?.value).toBeCloseTo(1 - 100 / month, 10);
  });
});

describe('deduplication of alerts', () => {
  test('is known of a team and of all; no event says which service it is of', () => {
    const of = (events: number | undefined) =>
      find('alert-deduplication', { alerts: { alerts: 5, events, keptSince: undefined } });
    expect(of(20).value).toBe(0.75);
    expect(of(undefined)).toMatchObject({ value: null, why: expect.stringContaining('ask for a team') });
  });
});

describe('availability by what objectives counted', () => {
  const counted = (
    objective: string,
    method: 'Occurrences' | 'Timeslices',
    good: number,
    total: number,
    empty = 0,
  ) => ({
    objective,
    method,
    good,
    total,
    empty,
  });
  test('is good requests of all; of several objectives the lowest', () => {
    const measured = [
      counted('pages', 'Occurrences', 2_990_500, 3_000_000),
      counted('logins', 'Occurrences', 999, 1_000),
      counted('minutes', 'Timeslices', 43_100, 43_190, 10),
    ];
    const { value, parts, missing } = find('availability-requests', { measured });
    expect((100 * value!).toFixed(4)).toBe('99.6833');
    expect(parts?.map(({ name }) => name)).toEqual(['pages', 'logins']);
    expect(missing).toBe(0);
  });
  test('is good slices of all; those without data stand outside', () => {
    const measured = [counted('minutes', 'Timeslices', 43_100, 43_190, 10)];
    const { value, missing, policy, inputs } = find('availability-slices', { measured });
    expect(value).toBeCloseTo(43_100 / 43_190, 10);
    expect(missing).toBe(0);
    expect(policy).toContain('left out: 10');
    expect([...inputs].map(({ class: of, value: count }) => [of, count])).toEqual([
      ['good', 43_100],
      ['all', 43_190],
    ]);
  });
  test('is not known where nothing was counted', () => {
    const found = find('availability-requests', { measured: [counted('pages', 'Occurrences', 0, 0, 60)] });
    expect(found).toMatchObject({ value: null, missing: 1 });
    expect(find('availability-slices', { service: undefined }).value).toBeNull();
  });
});

describe('a record', () => {
  const period = { from: dated(0), until: dated(days(30)) };
  const some = fc.array(
    fc.record({
      from: fc.nat(days(29)),
      ack: fc.nat(60),
      restore: fc.integer({ min: 1, max: 500 }),
      severity: fc.constantFrom('SEV-1' as const, 'SEV-2' as const, 'SEV-3' as const),
      reopened: fc.nat(1),
    }),
    { minLength: 1, maxLength: 12 },
  );
  test('does not change with the order in which things came', () => {
    fc.assert(
      fc.property(some, (known) => {
        const incidents = known.map(({ from, ack, restore, severity, reopened }, index) => ({
          ...lasting(from, 1, ack, restore, restore, restore),
          number: index + 1,
          key: `k${index % 3}`,
          severity,
          reopened,
        }));
        const asked = { scope: {}, period, sources: [] };
        const one = computation(asked, evidence({ incidents }));
        const other = computation(asked, evidence({ incidents: incidents.toReversed() }));
        for (const metric of MetricName.options)
          expect([metric, other(metric).hash]).toEqual([metric, one(metric).hash]);
      }),
      { numRuns: 25 },
    );
  });
  test('has an interval that contains its value', () => {
    fc.assert(
      fc.property(some, (known) => {
        const incidents = known.map(({ from, ack, restore }) => lasting(from, 1, ack, restore, restore, restore));
        for (const metric of MetricName.options) {
          const { value, interval } = find(metric, { incidents });
          if (value === null || !interval) continue;
          expect([metric, interval.low <= value && value <= interval.high]).toEqual([metric, true]);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a comparison', () => {
  const share = (hits: number, n: number) => ({
    ...shareOf(Array.from({ length: n }, (_, index) => ({ id: `${index}`, value: Number(index < hits) }))),
    days: 30,
  });
  test('of few cases is not distinguishable', () => {
    expect(compare(definitions['reopen-rate'], share(3, 20), share(1, 20)).verdict).toBe('not-distinguishable');
  });
  test('says which way is better where a difference is clear', () => {
    expect(compare(definitions['reopen-rate'], share(60, 200), share(20, 200)).verdict).toBe('better');
    expect(compare(definitions['incident-automation'], share(60, 200), share(20, 200)).verdict).toBe('worse');
  });
  test('of counts goes by the days', () => {
    const counted = (n: number, over: number) => ({ value: n, n, missing: 0, inputs: [], days: over });
    expect(compare(definitions['incident-volume'], counted(12, 90), counted(1, 90))).toMatchObject({
      verdict: 'better',
    });
    expect(compare(definitions['incident-volume'], counted(6, 90), counted(2, 90)).verdict).toBe('not-distinguishable');
    expect(compare(definitions['incident-volume'], counted(1, 90), counted(12, 90))).toMatchObject({
      verdict: 'worse',
    });
  });
  test('says nothing without a value', () => {
    expect(compare(definitions['reopen-rate'], share(0, 0), share(1, 2))).toMatchObject({
      verdict: 'inconclusive',
      why: 'there was no case',
    });
  });
});
