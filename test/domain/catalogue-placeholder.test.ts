import { describe, expect, test } from 'vitest';
import { fill, fillJson, fillUrl, placeholdersOf } from '../../domain/catalogue/placeholder.ts';

const values = {
  service: 'checkout',
  artifact: 'pkg:oci/shop@sha256%3Aab',
  'environment.url': 'https://shop.example.org:8443/base',
};

test('placeholders are found once each', () => {
  expect(placeholdersOf('{{a}} {{ b.c }} {{a}} {"x":{"y":1}}')).toEqual(['a', 'b.c']);
});

describe('a text', () => {
  test('gets the values as they are', () => {
    expect(fill('{{service}} runs {{ artifact }}', values)).toBe('checkout runs pkg:oci/shop@sha256%3Aab');
  });

  test('is filled once: a value with braces stays a value', () => {
    expect(fill('{{service}}', { service: '{{artifact}} $&' })).toBe('{{artifact}} $&');
  });

  test('with a name that has no value is refused', () => {
    expect(() => fill('{{constructor}}', values)).toThrow('there is no value for {{constructor}}');
  });
});

test('a value cannot leave its string in JSON', () => {
  const filled = fillJson('{"artifact": "{{artifact}}"}', { artifact: 'a", "percent": "0\n' });

  expect(JSON.parse(filled)).toEqual({ artifact: 'a", "percent": "0\n' });
});

describe('a URL', () => {
  test('keeps the address at its start and encodes every other value', () => {
    expect(fillUrl('{{environment.url}}/deploy/{{artifact}}?of={{service}}', values)).toBe(
      'https://shop.example.org:8443/base/deploy/pkg%3Aoci%2Fshop%40sha256%253Aab?of=checkout',
    );
  });

  test.each(['..', '.', '...'])('does not follow %s to another path', (artifact) => {
    expect(() => fillUrl('https://example.org/deploy/{{artifact}}/x', { artifact })).toThrow('cannot be part of a URL');
  });

  test('leads to the web', () => {
    expect(() => fillUrl('{{environment.url}}/x', { 'environment.url': 'file:///etc' })).toThrow(
      'expected an http(s) URL',
    );
    expect(() => fillUrl('health', values)).toThrow('expected an http(s) URL');
  });
});
