import { describe, expect, test } from 'vitest';
import { sayProblem } from '../../domain/catalogue/location.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import { checkReferences } from '../../domain/catalogue/references.ts';
import type { PlanStatus } from '../../domain/operation-plan.ts';
import { refuseMove, refusePlan, type SupplierEvent, supplierLifecycleOf } from '../../domain/supplier/lifecycle.ts';

const at = '2026-03-01T00:00:00.000Z';
const plan = (kind: 'onboarding' | 'exit' | 'revocation', status: PlanStatus): SupplierEvent => ({
  at,
  kind,
  plan: 'p',
  status,
  closedAt: null,
});
const moved = (stage: 'contracted' | 'live' | 'under-review'): SupplierEvent => ({ at, stage, by: 'cid', reason: 'r' });

describe('a supplier', () => {
  test.each<[string, SupplierEvent[], string]>([
    ['is where the catalogue says while nothing moves it', [], 'proposed'],
    ['is where somebody has moved it', [moved('contracted')], 'contracted'],
    [
      'is onboarded while that plan goes on',
      [moved('contracted'), plan('onboarding', 'running')],
      'operations-onboarding',
    ],
    ['is ready once it is completed', [moved('contracted'), plan('onboarding', 'completed')], 'ready'],
    ['stays contracted when it fails', [moved('contracted'), plan('onboarding', 'failed')], 'contracted'],
    ['is live when somebody says so', [plan('onboarding', 'completed'), moved('live')], 'live'],
    ['is exiting while that plan goes on', [moved('live'), plan('exit', 'awaiting-approval')], 'exiting'],
    ['is live still when its exit is cancelled', [moved('live'), plan('exit', 'cancelled')], 'live'],
    ['has exited once that is completed', [moved('live'), plan('exit', 'completed')], 'exited'],
    ['is not moved by an access that ends', [moved('live'), plan('revocation', 'completed')], 'live'],
  ])('%s', (_, events, stage) => {
    expect(supplierLifecycleOf('proposed', events).stage).toBe(stage);
  });

  test('goes no way that leaves something out', () => {
    expect(() => refuseMove('acme', { stage: 'proposed' }, 'contracted')).toThrow('only from due-diligence');
    expect(() => refuseMove('acme', { stage: 'exited' }, 'live')).toThrow('acme is exited');
    expect(() => refusePlan('acme', { stage: 'due-diligence' }, 'onboarding')).toThrow('begins from contracted');
    expect(() => refusePlan('acme', { stage: 'contracted' }, 'exit')).toThrow('acme is contracted');
  });
});

/** A service that is to be available so much, with suppliers that promise so much. */
const company = (target: number, ...promises: number[]): string =>
  [
    '{ apiVersion: evenkeel/v1, kind: Person, metadata: { name: ana }, spec: { name: Ana, email: ana@example.org } }',
    '{ apiVersion: evenkeel/v1, kind: Team, metadata: { name: shop }, spec: { members: [{ person: ana, role: admin }] } }',
    '{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: ledger }, spec: { description: d, owner: shop } }',
    '{ apiVersion: evenkeel/v1, kind: Service, metadata: { name: checkout }, spec: { description: d, owner: shop, slo: s, dependsOn: [ledger] } }',
    '{ apiVersion: evenkeel/v1, kind: Environment, metadata: { name: production }, spec: {} }',
    '{ apiVersion: openslo/v1, kind: DataSource, metadata: { name: p }, spec: { type: Prometheus, connectionDetails: { url: "http://p" } } }',
    `{ apiVersion: openslo/v1, kind: SLO, metadata: { name: s }, spec: { service: checkout, budgetingMethod: Occurrences,
      timeWindow: [{ duration: 28d, isRolling: true }], objectives: [{ targetPercent: ${target} }],
      indicator: { metadata: { name: i }, spec: { ratioMetric: {
        bad: { metricSource: { spec: { query: b } } }, total: { metricSource: { spec: { query: t } } } } } } } }`,
    ...promises.map(
      (percent, index) =>
        `{ apiVersion: evenkeel/v1, kind: Supplier, metadata: { name: supplier-${index} }, spec: { description: d, owner: shop, environment: production,
        services: [{ service: ${index === 0 ? 'checkout' : 'ledger'} }], sla: [{ metric: availability, percent: ${percent} }] } }`,
    ),
  ].join('\n---\n');

const problemsOf = (text: string): string[] => {
  const { documents, problems } = readDocuments([{ path: 'a.yaml', text }]);
  expect(problems.map(sayProblem)).toEqual([]);
  return checkReferences(documents, []).problems.map(sayProblem);
};

describe('a target', () => {
  test('that the only supplier cannot carry is refused, with the arithmetic', () => {
    expect(problemsOf(company(99.9, 99.5)).join()).toContain(
      'checkout is to be available 99.9 % of the time, which its suppliers cannot carry: supplier-0 99.5 %',
    );
  });

  test('that two in series cannot carry is refused, also where one serves what the service needs', () => {
    expect(problemsOf(company(99.95, 99.95, 99.95)).join()).toContain(
      'supplier-0 99.95 % x supplier-1 99.95 % = 99.900025 %',
    );
  });

  test('that they can carry is taken', () => {
    expect(problemsOf(company(99.9, 99.95, 99.95))).toEqual([]);
    expect(problemsOf(company(99.9, 99.9))).toEqual([]);
  });

  test('of a soft supplier is no part of it', () => {
    expect(
      problemsOf(company(99.9, 99.5).replace('{ service: checkout }', '{ service: checkout, hard: false }')),
    ).toEqual([]);
  });
});
