import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readAs, readJson } from '../../domain/json.ts';

const read = (text: string): unknown => readJson(new TextEncoder().encode(text));

describe('an untrusted body', () => {
  test('that is within the limits is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes(String.raw`\u0000`) || text.includes('"__proto__"')) return;
        if (!text.isWellFormed() || /\\ud[89a-f]/.test(text)) return;
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('keeps escaped pairs and everything in strings', () => {
    expect(read(String.raw`{"a":"\ud83c\udf0e, {[,:\"\\"}`)).toEqual({ a: '🌎, {[,:"\\' });
  });

  test.each([
    ['nested too deep', `${'['.repeat(33)}${']'.repeat(33)}`, 'deeper than 32'],
    ['with a long array', JSON.stringify(Array.from({ length: 10_001 }, () => 0)), 'more than 10000 elements'],
    [
      'with many keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`k${at}`, 0]))),
      'more than 1000 keys',
    ],
    ['with NUL', String.raw`{"a":"\u0000"}`, 'NUL'],
    ['with a high surrogate alone', String.raw`"\ud800"`, 'lone surrogate'],
    ['with a high surrogate before another escape', String.raw`"\ud800\n"`, 'lone surrogate'],
    ['with a low surrogate alone', String.raw`"\udc00x"`, 'lone surrogate'],
    ['with a key __proto__', '{"__proto__":{"isAdmin":true}}', '__proto__'],
    ['with an escaped key __proto__', String.raw`{"\u005f_proto__" :1}`, '__proto__'],
    ['that is cut off', '{"a":', 'not JSON'],
    ['that is cut off in an escape', String.raw`{"a":"\u00`, 'not JSON'],
    ['with too many ends', ']]]]', 'not JSON'],
    ['that is empty', '', 'not JSON'],
  ])('%s is refused', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test('may be just as large as the limits', () => {
    expect(read(JSON.stringify(Array.from({ length: 10_000 }, () => 0)))).toHaveLength(10_000);
    expect(read(`${'['.repeat(32)}${']'.repeat(32)}`)).toBeDefined();
    expect(read('["__proto__"]')).toEqual(['__proto__']);
  });

  test('may begin with a byte order mark', () => {
    expect(read('\u{feff}{"a":1}')).toEqual({ a: 1 });
    expect(() => read('\u{feff}\u{feff}{}')).toThrow('not JSON');
  });

  test.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
  ])('with %s is no UTF-8', (_, bytes) => {
    expect(() => readJson(Uint8Array.from(bytes))).toThrow('not valid UTF-8');
  });
});

test('the refusal of a schema names the field', () => {
  const Schema = z.object({ list: z.array(z.object({ id: z.int() })) });

  expect(() => readAs(Schema, { list: [{ id: 1 }, {}] })).toThrow(/^list\.1\.id: /);
});
