import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hiding } from '../../activities/hidden.ts';

const secret = 'p/a+ß w"o?r&d<1>\n2';

describe('a secret is hidden', () => {
  const json = JSON.stringify(secret).slice(1, -1);
  test.each([
    ['as it is', secret],
    ['in a URL', encodeURIComponent(secret)],
    ['in a URL, with lower-case digits', encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['in a URL that leaves more as it is', encodeURI(secret)],
    ['in a form', new URLSearchParams({ x: secret }).toString().slice(2)],
    ['in JSON', json],
    ['in JSON that escapes slashes', json.replaceAll('/', String.raw`\/`)],
    ['in JSON that is ASCII alone', json.replaceAll('ß', String.raw`\u00DF`)],
    ['in JSON for HTML', json.replaceAll(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)],
    [
      'in HTML',
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ],
    ['in HTML by numbers', secret.replaceAll('"', '&#34;').replaceAll('<', '&#x3C;').replaceAll('&d', '&#038;d')],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in hexadecimal with capitals', Buffer.from(secret).toString('hex').toUpperCase()],
  ])('%s', (_, echoed) => {
    expect(hiding([secret])(`before ${echoed} after`)).toBe('before [secret] after');
  });

  test('in base64, whatever stands before and behind it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
        fc.string({ maxLength: 9 }),
        fc.string({ maxLength: 9 }),
        fc.constantFrom('base64' as const, 'base64url' as const),
        (random, before, after, form) => {
          const echoed = Buffer.from(before + random + after).toString(form);
          const shown = hiding([random])(`got ${echoed}.`);

          expect(shown).toContain('[secret]');
          // At most the bits of one character at each end are left.
          const left = shown.slice(4, -1).replace('[secret]', '');
          expect(left.length).toBeLessThanOrEqual(Math.ceil(((before.length + after.length) * 3 * 4) / 3) + 8);
        },
      ),
    );
  });

  test('and so is a longer one that another is a part of', () => {
    expect(hiding(['abc', 'abcdef'])('abcdef abc')).toBe('[secret] [secret]');
  });

  test('and everything else is left as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('s3cret'));
        expect(hiding(['s3cret-of-the-house'])(text)).toBe(text);
      }),
    );
    expect(hiding([])('text')).toBe('text');
    expect(hiding([''])('text')).toBe('text');
    expect(hiding(['ab'])('YWI= and 6162')).toBe('YWI= and 6162');
  });
});
