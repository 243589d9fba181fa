import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparableKeyOf, isSameArtifact } from '../../domain/trigger/commit.ts';

const whole = '4f1c2aa04f1c2aa04f1c2aa04f1c2aa04f1c2aa0';
const same = (before: string, artifact: string): boolean =>
  isSameArtifact({ artifact: before, key: comparableKeyOf(before) }, artifact);
const bothWays = (one: string, other: string): boolean[] => [same(one, other), same(other, one)];

describe('one commit', () => {
  test.each([
    [`pkg:github/acme/shop@${whole}`, whole],
    [`pkg:github/acme/shop@${whole}`, '4f1c2aa'],
    [`pkg:github/acme/shop@${whole}`, '4F1C2AA04F1C'],
    [`pkg:github/acme/shop@${whole}`, whole.toUpperCase()],
    ['4f1c2aa', '4f1c2aa04f1c'],
    [`pkg:docker/acme/shop@4f1c2aa`, `pkg:github/acme/shop@${whole}`],
    [`git+https://git.example/shop@${whole}`, '4f1c2aa0'],
    ['1234567', `1234567${'a'.repeat(33)}`],
    ['4f1c2aa', `4f1c2aa${'0'.repeat(57)}`],
  ])('is %s and %s', (one, other) => {
    expect(bothWays(one, other)).toEqual([true, true]);
  });
});

describe('two artifacts', () => {
  test.each([
    ['a hash of six digits', '4f1c2a', whole],
    ['the middle of a hash', 'c2aa04f1', whole],
    ['another commit', '4f1c2ab', whole],
    ['a day and a minute', '20261128', '202611281530'],
    ['numbers of builds', '1234567', '12345678'],
    ['words of hexadecimal letters', 'defaced', 'defaceddefaced'],
    ['versions', '1.20.300', '1.20.3000'],
    ['a tag', 'v4f1c2aa', whole],
    ['an image digest', `sha256:${'4f1c2aa0'.repeat(8)}`, 'sha256:4f1c2aa'],
    ['an image digest and its hash', `pkg:oci/shop@sha256%3A${'4f1c2aa0'.repeat(8)}`, '4f1c2aa'],
    ['two repositories', `pkg:github/acme/shop@${whole}`, 'pkg:github/acme/cart@4f1c2aa'],
    ['two images', 'pkg:docker/acme/shop@4f1c2aa', 'pkg:docker/acme/cart@4f1c2aa0'],
  ])('are %s', (_, one, other) => {
    expect(bothWays(one, other)).toEqual([false, false]);
  });

  test('of other text are the same only where they were so before', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
        fc.pre(!/^[\da-f@]{7,}$/i.test(one) || !/^[\da-f@]{7,}$/i.test(other));
        expect(same(one, other)).toBe(comparableKeyOf(one) === comparableKeyOf(other));
      }),
    );
  });
});
