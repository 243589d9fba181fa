import { describe, expect, test } from 'vitest';
import { decide, judge, type Situation } from '../../domain/trigger/decision.ts';
import { planId } from '../support/id.ts';

interface Plan {
  id: string;
  isOver: boolean;
}

const place = { service: 'checkout', environment: 'production', owner: 'shop', template: 'release' };
const { template: _, ...unplanned } = place;
const deploying = { id: planId('deploying'), type: 'deployment' } as const;
const rollingBack = { id: planId('rolling-back'), type: 'rollback' } as const;
const earlier = { id: 'earlier', isOver: false };

describe('a deployment fact leads', () => {
  test.each<[string, Omit<Situation<Plan>, 'place'> & Partial<Pick<Situation<Plan>, 'place'>>, object]>([
    [
      'nowhere, when its names are not known',
      { change: 'deployed', place: { gap: 'no mapping' }, open: [] },
      { to: 'gap' },
    ],
    [
      'nowhere, when nobody wants to hear of such environments',
      { change: 'deployed', place: { skipped: 'short-lived' }, open: [] },
      { to: 'skipped' },
    ],
    ['to a plan of its own', { change: 'deployed', open: [] }, { to: 'open', place }],
    ['to a gap, when the service names no plan', { change: 'deployed', place: unplanned, open: [] }, { to: 'gap' }],
    [
      'to the plan that it opened, whatever its service names by now',
      { change: 'deployed', place: unplanned, earlier, open: [] },
      { to: 'earlier', plan: earlier },
    ],
    [
      'as evidence, when it is progress that no plan waits for',
      { change: 'progressing', open: [] },
      { to: 'evidence' },
    ],
    [
      'to the newest open plan, when it is progress',
      { change: 'failed', open: [deploying, rollingBack] },
      { to: 'attach', plan: 'deploying' },
    ],
    [
      'as evidence, when only plans are open that are of no deployment',
      { change: 'failed', open: [{ id: planId('drill'), type: 'routine' }] },
      { to: 'evidence' },
    ],
    [
      'to what was being deployed, when it was rolled back',
      { change: 'rolled-back', open: [rollingBack, deploying] },
      { to: 'attach', plan: 'deploying' },
    ],
    [
      'to the plan that was told of this rollback first',
      { change: 'rolled-back', told: planId('told'), open: [deploying] },
      { to: 'attach', plan: 'told' },
    ],
    [
      'to a plan of its own, when nothing was being deployed',
      { change: 'rolled-back', open: [rollingBack] },
      { to: 'open', place },
    ],
    [
      'back to the rollback plan that it opened, and not to a deployment that came later',
      { change: 'rolled-back', earlier, open: [deploying] },
      { to: 'open', place },
    ],
  ])('%s', (_case, situation, decision) => {
    expect(decide<Plan>({ place, ...situation })).toMatchObject(decision);
  });
});

test('a body with one gap is a gap, with all that was said and every record that was reached, once each', () => {
  const outcomes = [{ record: 'plan/a' }, { gap: 'no mapping' }, { record: 'plan/a' }, { evidence: 'failed: kept' }];

  expect(judge(outcomes as Parameters<typeof judge>[0])).toEqual({
    state: 'gap',
    verdict: { records: ['plan/a'], reason: 'no mapping; failed: kept' },
  });
  expect(judge([])).toEqual({ state: 'delivered', verdict: {} });
});

describe('facts of which nobody wants to hear', () => {
  const skipped = { skipped: 'review/7 is short-lived' };

  test('are skipped when they are all that was told', () => {
    expect(judge([skipped, skipped])).toEqual({ state: 'skipped', verdict: { reason: 'review/7 is short-lived' } });
  });

  test('do not hide what else was told', () => {
    expect(judge([skipped, { gap: 'no mapping' }]).state).toBe('gap');
    expect(judge([skipped, { evidence: 'failed: kept as evidence' }]).state).toBe('delivered');
    expect(judge([]).state).toBe('delivered');
  });
});
