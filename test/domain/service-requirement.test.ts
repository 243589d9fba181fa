import { describe, expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';

const agreedIn = 'minutes of March';

/** Service `checkout` with these requirements and a target of 99.5 %; it depends on `ledger`, which recovers within 4 h. */
const said = (requirements: object) => {
  const text = [
    { kind: 'Person', name: 'ana', spec: { name: 'Ana', email: 'ana@example.org' } },
    { kind: 'Team', name: 'shop', spec: { members: [{ person: 'ana', role: 'admin' }] } },
    {
      kind: 'Service',
      name: 'ledger',
      spec: { description: 'd', owner: 'shop', requirements: { rto: { within: '4h', agreedIn } } },
    },
    {
      kind: 'Service',
      name: 'checkout',
      spec: { description: 'd', owner: 'shop', slo: 's', dependsOn: ['ledger'], requirements },
    },
  ].map(({ kind, name, spec }) => JSON.stringify({ apiVersion: 'evenkeel/v1', kind, metadata: { name }, spec }));
  const slo = `
{ apiVersion: openslo/v1, kind: DataSource, metadata: { name: p }, spec: { type: Prometheus, connectionDetails: { url: "http://p" } } }
---
{ apiVersion: openslo/v1, kind: SLO, metadata: { name: s }, spec: { service: checkout, budgetingMethod: Occurrences,
  timeWindow: [{ duration: 28d, isRolling: true }], objectives: [{ targetPercent: 99.5 }],
  indicator: { metadata: { name: i }, spec: { ratioMetric: {
    bad: { metricSource: { spec: { query: b } } }, total: { metricSource: { spec: { query: t } } } } } } } }`;
  const { documents, problems: unread } = readDocuments([{ path: 'a.yaml', text: [...text, slo].join('\n---\n') }]);
  const { problems, warnings } = checkReferences(documents, []);
  return { problems: [...unread, ...problems].map(sayProblem), warnings: warnings.map(sayProblem) };
};

describe('what was agreed of a service', () => {
  test('is taken where it is met', () => {
    const requirements = {
      availability: { percent: 99.5, agreedIn },
      rto: { within: '4h', agreedIn },
      mtpd: { within: '4h', agreedIn },
    };

    expect(said(requirements)).toEqual({ problems: [], warnings: [] });
  });

  test('is refused where it recovers later than may be tolerated', () => {
    const { problems } = said({ rto: { within: '5h', agreedIn }, mtpd: { within: '4h', agreedIn } });

    expect(problems).toEqual([expect.stringContaining('5h is longer than the MTPD, 4h')]);
  });

  test('is warned of where the SLO promises less', () => {
    const { problems, warnings } = said({ availability: { percent: 99.6, agreedIn } });

    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('99.6 % was agreed, and s promises 99.5 %')]);
  });

  test('is warned of where something that it needs recovers more slowly', () => {
    expect(said({ rto: { within: '2h', agreedIn } }).warnings).toEqual([
      expect.stringContaining('ledger, on which it depends, recovers within 4h only'),
    ]);
  });

  test('is refused without where it was agreed', () => {
    expect(said({ rto: { within: '2h' } }).problems.join()).toContain('agreedIn');
  });
});
