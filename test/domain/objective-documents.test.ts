import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';
import { toYaml } from '../../domain/catalogue/write.ts';
import { lookupIn } from '../../domain/catalogue/lookup.ts';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { objectivesOf } from '../../domain/objective/define.ts';
import { companyFiles } from './company.ts';

const company = readDocuments(companyFiles()).documents.map(({ document }) => document);
const catalogue = lookupIn(company);

const problemsOf = (text: string, path = 'a.yaml'): string[] => {
  const { documents, faulty, problems } = readDocuments([{ path, text }]);
  return [...problems, ...checkReferences(documents, company, faulty).problems].map(sayProblem);
};
const warningsOf = (text: string): string[] => {
  const { documents, faulty } = readDocuments([{ path: 'a.yaml', text }]);
  return checkReferences(documents, company, faulty).warnings.map(sayProblem);
};

const slo = (more: string, objective = '{ target: 0.999 }', method = 'Occurrences'): string => `apiVersion: openslo/v1
kind: SLO
metadata: { name: x }
spec:
  service: checkout
  indicatorRef: payment-answers
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: ${method}
  objectives: [${objective}]
${more}`;

const calendar = (duration: string, startTime = '2026-01-01 00:00:00'): string =>
  `{ duration: ${duration}, isRolling: false, calendar: { startTime: '${startTime}', timeZone: UTC } }`;

describe('an OpenSLO document', () => {
  test('is kept as it was written', () => {
    const texts = company.map(toYaml);
    const again = readDocuments(texts.map((text, at) => ({ path: `${at}.yaml`, text })));
    expect(again.problems).toEqual([]);
    expect(again.documents.map(({ document }) => document)).toEqual(company);
    expect(texts.find((text) => text.includes('name: payments\n') && text.includes('openslo'))).toContain(
      'kind: Service\nmetadata:\n  name: payments\n  displayName: Payments',
    );
  });

  test('may be one of a list, and is said where it stands', () => {
    const text = `- apiVersion: openslo/v1\n  kind: Service\n  metadata: { name: one }\n  spec: {}\n- apiVersion: openslo/v1\n  kind: Service\n  metadata: { name: my service }\n  spec: {}\n`;
    expect(problemsOf(text)).toEqual([
      'a.yaml:7:21 metadata.name: expected lower-case letters, digits and inner hyphens',
    ]);
  });

  test('of another version is refused', () => {
    expect(problemsOf('apiVersion: openslo/v1alpha\nkind: SLO\n')[0]).toBe(
      'a.yaml:1:13 apiVersion: expected openslo/v1',
    );
  });

  test.each([
    ['', '{ target: 1 }', 'objectives.0.target: must be less than 1'],
    ['', '{ targetPercent: 100 }', 'objectives.0.targetPercent: must be less than 100'],
    ['', '{ target: 0.9, targetPercent: 90 }', 'expected either target or targetPercent'],
    ['', '{ target: 0.9, timeSliceTarget: 0.9 }', 'timeSliceTarget: does not belong to Occurrences'],
    ['', '{ target: 0.9, compositeWeight: 1 }', 'composite objectives are not measured'],
    [
      '  indicator: { metadata: { name: y }, spec: {} }\n',
      '{ target: 0.9 }',
      'expected either thresholdMetric or ratioMetric',
    ],
  ])('%s%s is refused: %s', (more, objective, message) => {
    expect(problemsOf(slo(more, objective)).join('\n')).toContain(message);
  });

  test('whose objectives have an indicator each is refused, with what to write instead', () => {
    const composite = slo('', '{ target: 0.9, indicatorRef: payment-answers, compositeWeight: 2 }');
    expect(problemsOf(composite.replace('  indicatorRef: payment-answers\n', ''))).toEqual([
      'a.yaml:8:45 spec.objectives.0.indicatorRef: composite objectives are not measured: give each its own SLO',
    ]);
  });

  test.each([
    ['{ duration: 400d, isRolling: true }', []],
    [
      '{ duration: 401d, isRolling: true }',
      ['a.yaml:7:28 spec.timeWindow.0.duration: a rolling window has 400 days at most'],
    ],
    [
      '{ duration: 999999w, isRolling: true }',
      ['a.yaml:7:28 spec.timeWindow.0.duration: a rolling window has 400 days at most'],
    ],
    [calendar('10Y', '1970-01-01 00:00:00'), []],
    [calendar('11Y'), ['a.yaml:7:28 spec.timeWindow.0.duration: a calendar window has 10 years at most']],
    [calendar('40Q'), []],
    [calendar('41Q'), ['a.yaml:7:28 spec.timeWindow.0.duration: a calendar window has 10 years at most']],
    [calendar('4000d'), ['a.yaml:7:28 spec.timeWindow.0.duration: a calendar window has 10 years at most']],
    [calendar('1M', '2028-02-29 00:00:00'), []],
    [
      calendar('1M', '2026-02-30 00:00:00'),
      ['a.yaml:7:73 spec.timeWindow.0.calendar.startTime: expected a time that there is, in 1970 or later'],
    ],
    [
      calendar('1M', '0000-01-01 00:00:00'),
      ['a.yaml:7:73 spec.timeWindow.0.calendar.startTime: expected a time that there is, in 1970 or later'],
    ],
  ])('has a window that can be measured: %s', (window, problems) => {
    expect(problemsOf(slo('').replace('{ duration: 28d, isRolling: true }', window))).toEqual(problems);
  });

  test('with slices needs their length, which divides an hour', () => {
    expect(problemsOf(slo('', '{ target: 0.9, timeSliceTarget: 0.9 }', 'Timeslices')).join()).toContain(
      'timeSliceWindow: is missing',
    );
    expect(problemsOf(slo('', '{ target: 0.9, timeSliceWindow: 7m }', 'RatioTimeslices')).join()).toContain(
      'has to divide an hour',
    );
    expect(problemsOf(slo('', '{ target: 0.9, timeSliceWindow: 5m }', 'RatioTimeslices'))).toEqual([]);
  });

  test('with 1m as its window is told that m are minutes', () => {
    expect(problemsOf(slo('').replace('28d', '1m')).join()).toContain(
      'is shorter than an hour: m are minutes, M months',
    );
  });

  test('may leave alert policies empty, as published examples do', () => {
    expect(problemsOf(slo('  alertPolicies: # nothing yet\n'))).toEqual([]);
  });

  const policy = (threshold: number, op = 'gt', lookback = '1h'): string => `  alertPolicies:
    - kind: AlertPolicy
      metadata: { name: fast }
      spec:
        alertWhenBreaching: true
        notificationTargets: [{ targetRef: payments-on-call }]
        conditions:
          - kind: AlertCondition
            metadata: { name: fast }
            spec:
              condition: { kind: burnrate, op: ${op}, threshold: ${threshold}, lookbackWindow: ${lookback} }
`;

  test('with a burn rate that can never fire is refused', () => {
    expect(problemsOf(slo(policy(999)))).toEqual([]);
    expect(problemsOf(slo(policy(1_000)))).toEqual([
      'a.yaml:11:7 spec.alertPolicies.0: a burn rate above 1000 can never fire for x: at 99.9 % nothing burns faster than 1000',
    ]);
  });

  test('with an inverted comparison is warned of', () => {
    expect(warningsOf(slo(policy(2, 'lte')))).toEqual([]);
    const condition = `apiVersion: openslo/v1\nkind: AlertCondition\nmetadata: { name: x }\nspec:\n  condition: { kind: burnrate, op: lte, threshold: 2, lookbackWindow: 1h }\n`;
    expect(warningsOf(condition)).toEqual([
      'a.yaml:5:36 spec.condition.op: lte alerts while the budget burns slowly: gte is probably meant',
    ]);
  });

  test('of a source that is not asked is refused', () => {
    const source =
      'apiVersion: openslo/v1\nkind: DataSource\nmetadata: { name: d }\nspec:\n  type: Datadog\n  connectionDetails: { url: https://d.example.org }\n';
    expect(problemsOf(source)).toEqual(['a.yaml:5:9 spec.type: is no source that Evenkeel asks: only Prometheus is']);
  });
});

test.each(['occurrences', 'timeslices', 'ratio-timeslices', 'low-traffic-timeslices'])(
  'the published example %s is refused for its source alone, where its service is known',
  (name) => {
    const text = readFileSync(`${import.meta.dirname}/../payloads/openslo/${name}-slo.yaml`, 'utf8')
      .replace(/service: \S+/, 'service: checkout')
      .replace('duration: 1m #', 'duration: 1M #');
    expect(problemsOf(text).map((problem) => problem.replace(/^\S+ \S+ /, ''))).toEqual(
      Array.from(text.matchAll(/type: Any/g), () => 'is no source that Evenkeel asks: only Prometheus is'),
    );
  },
);

describe('the objectives of a document', () => {
  const defined = (name: string) => objectivesOf({ name, spec: catalogue.find('SLO', name)! }, catalogue, 0);

  test('have the usual rows unless they name policies', () => {
    expect(defined('checkout-availability')[0]?.rows.map(({ factor }) => factor)).toHaveLength(4);
    expect(defined('payments-availability')[0]?.rows).toEqual([
      { response: 'page', windowsMs: [3_600_000, 300_000], factor: 13.44, isStrict: true, isBelow: false, afterMs: 0 },
    ]);
  });

  test('keep their series while the question is the same', () => {
    const spec = catalogue.find('SLO', 'checkout-availability')!;
    const stricter = { ...spec, objectives: [{ target: 0.9999 }] };
    const [before] = defined('checkout-availability');
    expect(objectivesOf({ name: 'other', spec: stricter }, catalogue, 0)[0]?.series).toBe(before?.series);
    const counted = { ...spec, budgetingMethod: 'RatioTimeslices' as const };
    expect(objectivesOf({ name: 'x', spec: counted }, catalogue, 0)[0]?.series).not.toBe(before?.series);
  });
});
