import { describe, expect, test } from 'vitest';
import {
  artifactKeyOf,
  planApprovalId,
  planIdOf,
  stepApprovalId,
  stepSubject,
  triggerKeyOf,
} from '../../domain/identifiers.ts';

describe('a trigger key', () => {
  test('is the same for the same fact of the same source', () => {
    expect(triggerKeyOf('github', 'deployment/1')).toBe(triggerKeyOf('github', 'deployment/1'));
    expect(triggerKeyOf('github', 'deployment/1')).toMatch(/^[0-9a-f]{16}$/);
  });

  test('differs between sources and between facts', () => {
    const keys = [
      triggerKeyOf('github', 'deployment/1'),
      triggerKeyOf('github', 'deployment/2'),
      triggerKeyOf('events', 'deployment/1'),
    ];

    expect(new Set(keys).size).toBe(3);
  });
});

test('ids say what they are of', () => {
  const plan = planIdOf('checkout', 'production', '00112233aabbccdd');

  expect(plan).toBe('checkout.production.00112233aabbccdd');
  expect(planApprovalId(plan, 2)).toBe(`${plan}.approval.2`);
  const place = { plan, activity: 'work', step: 'go', workflowId: `operation-plan/${plan}/runbook/work/run-1` };
  expect(stepApprovalId(place, 1)).toBe(`${plan}.approval.work.go.1`);
  expect(stepSubject(place)).toBe(`plan/${plan}/activity/work/step/go`);
  // A later run, and a run that takes back, ask for themselves.
  const undo = { ...place, workflowId: `operation-plan/${plan}/runbook/work/undo-2` };
  expect(stepApprovalId(undo, 1)).toBe(`${plan}.approval.work.go.undo-2.1`);
  expect(stepSubject(undo)).toBe(`plan/${plan}/activity/work/step/go/undo-2`);
});

describe('two senders that tell of one artifact', () => {
  test.each([
    [
      'pkg:oci/checkout@sha256%3A244fd47e07d1004f0aed9c',
      'pkg:oci/shop/checkout@sha256:244fd47e07d1004f0aed9c?repository_url=ghcr.io',
    ],
    ['ghcr.io/shop/checkout@sha256:244fd47e07d1004f0aed9c', 'pkg:oci/checkout@sha256:244fd47e07d1004f0aed9c#layer'],
    ['pkg:github/shop/checkout@6dcb09b5b57875f3', '6dcb09b5b57875f3'],
  ])('%s and %s share a key', (one, other) => {
    expect(artifactKeyOf(one)).toBe(artifactKeyOf(other));
  });

  test('keep apart what has a version too short to be one of a kind', () => {
    expect(artifactKeyOf('pkg:npm/checkout@1.2.3')).not.toBe(artifactKeyOf('pkg:npm/basket@1.2.3'));
  });

  test('may write a stray percent sign', () => {
    expect(artifactKeyOf('pkg:oci/checkout@100%-sure-of-it')).toBe('100%-sure-of-it');
  });
});
