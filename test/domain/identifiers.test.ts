import { describe, expect, test } from 'vitest';
import {
  idOf,
  kindOf,
  planIdOf,
  planReference,
  recordApprovalIdOf,
  referenceTo,
  runIdOf,
  stepApprovalIdOf,
  stepSubjectOf,
  taskIdOf,
} from '../../domain/identifiers.ts';
import { Reference } from '../../domain/reference.ts';
import { artifactKeyOf, triggerKeyOf } from '../../domain/trigger/key.ts';

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

test('ids say what they are of, and of which kind', () => {
  const plan = planIdOf('checkout', 'production', '00112233aabbccdd');
  const belongsTo = planReference(plan);
  const run = runIdOf({ belongsTo, activity: 'work', kind: 'undo', number: 2 });

  expect(plan).toBe('checkout.production.00112233aabbccdd');
  expect(belongsTo).toBe(`plan/${plan}`);
  expect([kindOf(belongsTo), idOf(belongsTo)]).toEqual(['plan', plan]);
  expect(recordApprovalIdOf(belongsTo, 2)).toBe(`plan.${plan}.approval.2`);
  expect(taskIdOf(belongsTo, 'work', 1)).toBe(`plan.${plan}.task.work.1`);
  // Each run of an activity asks for itself.
  expect(run).toBe(`plan.${plan}.undo.work.2`);
  expect(stepApprovalIdOf(run, 'go', 1)).toBe(`${run}.approval.go.1`);
  expect(stepSubjectOf(run, 'go')).toBe(`run/${run}/step/go`);
});

test('records of two kinds may have one number, and share no id', () => {
  const [incident, problem] = [referenceTo('incident', '1042'), referenceTo('problem', '1042')];

  expect(recordApprovalIdOf(incident, 1)).not.toBe(recordApprovalIdOf(problem, 1));
  expect(taskIdOf(incident, 'review', 1)).not.toBe(taskIdOf(problem, 'review', 1));
});

test.each(['plan', 'plan/', '/1', 'plan/a b', 'Plan/1', 'plan/../1/2'])('%s is no reference', (text) => {
  expect(Reference.safeParse(text).success).toBe(false);
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
