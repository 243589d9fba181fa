import { describe, expect, test } from 'vitest';
import { cadences, coverageOf } from '../../domain/routine/coverage.ts';
import { RoutineSpec } from '../../domain/routine.ts';
import type { Document } from '../../domain/document.ts';
import { document } from '../support/company.ts';
import { nightly } from '../support/routine.ts';

const now = Date.parse('2026-06-30T12:00:00Z');
const ago = (days: number): string => new Date(now - days * 86_400_000).toISOString();
const services = ['checkout', 'web'].map((name) =>
  document('Service', name, { description: 'd', owner: 'shop' }),
) as Document<'Service'>[];
const routine = (name: string, more: object = {}, isPaused = false) => ({
  name,
  spec: RoutineSpec.parse({ ...nightly, ...more }),
  isPaused,
});
const of = (routines: ReturnType<typeof routine>[], successes: { service: string; kind: string; at: string }[] = []) =>
  coverageOf(services, routines, successes, now);
const backup = (found: ReturnType<typeof of>, service = 'checkout') =>
  found.find((each) => each.service === service && each.kind === 'backup-verification')!;
const success = (at: string) => ({ service: 'checkout', kind: 'backup-verification', at });

test('what is to be done at intervals is done as often as the practice has it', () => {
  expect(cadences).toEqual({
    'runbook-drill': 90,
    'backup-verification': 1,
    'restore-test': 180,
    'failover-test': 180,
    'dr-exercise': 365,
    'security-scan': 7,
    'pen-test': 365,
    patching: 30,
    'access-review': 90,
    'capacity-review': 30,
    'compliance-evidence': 92,
  });
});

describe('coverage', () => {
  test('names each kind with a cadence for each service, also where nothing does it', () => {
    const found = of([]);
    expect(found).toHaveLength(2 * Object.keys(cadences).length);
    expect(new Set(found.map(({ coverage }) => coverage))).toEqual(new Set(['none']));
  });

  test('of a service is of the routines that select it alone', () => {
    const found = of([routine('nightly')]);
    expect(backup(found)).toMatchObject({ coverage: 'unproven', routines: ['nightly'], lastSuccessAt: null });
    expect(backup(found, 'web')).toMatchObject({ coverage: 'none', routines: [] });
  });

  test('is proven by a success for as long as its cadence, and late behind it', () => {
    expect(backup(of([routine('nightly')], [success(ago(1))])).coverage).toBe('proven');
    expect(backup(of([routine('nightly')], [success(ago(1.01))])).coverage).toBe('late');
    expect(backup(of([], [success(ago(0.1))]))).toMatchObject({ coverage: 'none', lastSuccessAt: ago(0.1) });
  });

  test('is paused where all of its routines are', () => {
    const paused = routine('nightly', {}, true);
    expect(backup(of([paused], [success(ago(0.1))])).coverage).toBe('paused');
    expect(backup(of([paused, routine('other')], [success(ago(0.1))]))).toMatchObject({
      coverage: 'proven',
      routines: ['nightly', 'other'],
    });
  });
});
