import { describe, expect, test } from 'vitest';
import { verifySecret, verifyGithub } from '../../domain/signature.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a GitHub signature', () => {
  const secret = "It's a Secret to Everybody";
  const header = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

  test('fits the published vector, with either of two secrets', () => {
    expect(verifyGithub(bytes('Hello, World!'), header, [secret])).toBe(true);
    expect(verifyGithub(bytes('Hello, World!'), header, ['the next one', secret])).toBe(true);
  });

  test('does not fit another body, secret or form', () => {
    expect(verifyGithub(bytes('Hello, World'), header, [secret])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), header, ['another'])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), header.replace('sha256=', ''), [secret])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), undefined, [secret])).toBe(false);
  });

  test('never fits an empty secret or none', () => {
    const forged = 'sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad';

    expect(verifyGithub(bytes(''), forged, [''])).toBe(false);
    expect(verifyGithub(bytes('Hello, World!'), header, [])).toBe(false);
  });
});

test('a bearer token is compared as a whole', () => {
  expect(verifySecret('Bearer let-me-in', ['other', 'let-me-in'])).toBe(true);
  expect(verifySecret('bearer let-me-in', ['let-me-in'])).toBe(true);
  expect(verifySecret('Bearer let-me', ['let-me-in'])).toBe(false);
  expect(verifySecret('Bearer ', [''])).toBe(false);
  expect(verifySecret(undefined, ['let-me-in'])).toBe(false);
});
