import { describe, expect, test } from 'vitest';
import { shows } from '../../domain/problem/signature.rules.ts';

const incident = { team: 'shop', service: 'checkout', titles: ['Connection pool is empty (eu-1)', 'Too many errors'] };
const isShown = (signature: { titles?: string[]; services?: string[] }, team = 'shop', more: object = {}): boolean =>
  shows({ titles: [], services: [], ...signature }, team, { ...incident, ...more });

describe('an incident shows a known error', () => {
  test.each([
    ['by a title of an alert', { titles: ['too many errors'] }],
    ['by a part of one', { titles: ['*pool*'] }],
    ['by a beginning and an end', { titles: ['Connection * (eu-*)'] }],
    ['by one of several', { titles: ['Disk *', '* errors'] }],
    ['by its service', { services: ['search', 'checkout'] }],
    ['by both', { titles: ['*'], services: ['checkout'] }],
  ])('%s', (_, signature) => {
    expect(isShown(signature)).toBe(true);
  });

  test.each([
    ['where no title fits', { titles: ['Disk *'] }],
    ['by a part alone', { titles: ['pool'] }],
    ['by letters that are used twice', { titles: ['Too many errors*errors'] }],
    ['of another service', { titles: ['*'], services: ['search'] }],
  ])('not %s', (_, signature) => {
    expect(isShown(signature)).toBe(false);
  });

  test('of another team only where that names its service', () => {
    expect(isShown({ titles: ['*'] }, 'infra')).toBe(false);
    expect(isShown({ services: ['checkout'] }, 'infra')).toBe(true);
    expect(isShown({ services: ['checkout'] }, 'infra', { service: undefined })).toBe(false);
  });

  test('without taking long, whatever the pattern', () => {
    const title = 'a'.repeat(300);
    const begun = performance.now();

    expect(isShown({ titles: [`${'*a'.repeat(149)}*b`] }, 'shop', { titles: [title] })).toBe(false);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
