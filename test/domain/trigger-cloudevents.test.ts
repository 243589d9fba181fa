import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import {
  type CloudEventRequest,
  deliveryKeyOf,
  readCloudEvents,
  UnsupportedMediaType,
} from '../../domain/trigger/cloudevents.ts';
import { payload } from './payload.ts';

const bytes = (body: unknown): Uint8Array =>
  new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

const binaryHeaders = { 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't', 'ce-specversion': '1.0' };
const attributes = { id: '1', source: '/s', type: 't', specversion: '1.0' };

/** A structured event unless said otherwise. */
const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

const read = (body: unknown, request: Partial<Omit<CloudEventRequest, 'body'>> = {}) =>
  readCloudEvents({
    contentType: 'application/cloudevents+json',
    headers: {},
    acceptsBatches: false,
    ...request,
    body: bytes(body),
  });

const Sample = z.object({
  ContextAttributes: z.object({ Extensions: z.record(z.string(), z.string()).default({}) }).catchall(z.string()),
  Data: z.string(),
});

/** The conformance events, written as headers the way the HTTP binding asks for. */
const samples = ['v1.yaml', 'v1_minimum.yaml'].flatMap((file) =>
  parseAllDocuments(new TextDecoder().decode(payload(`cloudevents/${file}`)), {
    version: '1.1',
    schema: 'failsafe',
  }).map((document) => Sample.parse(document.toJS())),
);

describe('the conformance events', () => {
  test.each(samples.map((sample, at) => [at, sample] as const))(
    'number %i reads the same in both ways of writing',
    (_, sample) => {
      const { Extensions, ...context } = sample.ContextAttributes;
      const { datacontenttype = 'application/json', ...required } = { ...context, specversion: '1.0' } as Record<
        string,
        string
      >;
      const written = { ...required, ...Extensions };
      const headers = Object.fromEntries(
        Object.entries(written).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]),
      );

      const [binary] = read(sample.Data, { contentType: datacontenttype, headers });
      const data = datacontenttype.includes('json') ? (JSON.parse(sample.Data) as unknown) : sample.Data;
      const [structured] = read({ ...written, datacontenttype, data });

      expect(binary).toEqual(structured);
      expect(binary).toMatchObject({ id: context['id'], source: context['source'], type: context['type'], data });
      expect(binary?.extensions).toEqual(Extensions);
    },
  );
});

describe('a structured event', () => {
  test('is known by its content type in any spelling', () => {
    expect(read(attributes, { contentType: 'Application/CloudEvents+JSON ; charset="UTF-8"' })).toHaveLength(1);
  });

  test('keeps null as a value and text as text', () => {
    expect(read({ ...attributes, data: null })[0]).toHaveProperty('data', null);
    expect(read({ ...attributes, data: '{"a":1}' })[0]).toHaveProperty('data', '{"a":1}');
    expect(read(attributes)[0]).not.toHaveProperty('data');
  });

  test('may carry bytes', () => {
    expect(read({ ...attributes, data_base64: inBase64('{"a":1}') })[0]).toHaveProperty('data', { a: 1 });
    const image = { ...attributes, datacontenttype: 'image/png', data_base64: 'AAEC' };
    expect(read(image)[0]).toHaveProperty('dataBase64', 'AAEC');
    expect(() => read({ ...attributes, data: 1, data_base64: 'AAEC' })).toThrow('both');
    expect(() => read({ ...attributes, data_base64: 'not base64' })).toThrow(/base64/i);
  });

  test('treats null as not set and leaves out what is no attribute', () => {
    const [event] = read({ ...attributes, subject: null, myextension: 'a', 'Not-A-Name': 'b', nested: {} });

    expect(event?.subject).toBeUndefined();
    expect(event?.extensions).toEqual({ myextension: 'a' });
  });

  test.each([
    ['without an id', { ...attributes, id: undefined }, /^id: /],
    ['with an empty source', { ...attributes, source: '' }, /^source: /],
    ['of another version', { ...attributes, specversion: '0.3' }, /^specversion: /],
    ['that is a list', [attributes], /expected object/],
  ])('%s is refused', (_, body, message) => {
    expect(() => read(body)).toThrow(message);
  });
});

describe('a batch', () => {
  const contentType = 'application/cloudevents-batch+json';

  test('has to be solicited', () => {
    expect(() => read([attributes], { contentType })).toThrow(UnsupportedMediaType);
    expect(read([attributes, attributes], { contentType, acceptsBatches: true })).toHaveLength(2);
    expect(read([], { contentType, acceptsBatches: true })).toEqual([]);
  });

  test('is refused as a whole when one event is', () => {
    expect(() => read([attributes, {}], { contentType, acceptsBatches: true })).toThrow(/^specversion: /);
    expect(() => read(attributes, { contentType, acceptsBatches: true })).toThrow('expected array');
  });
});

const dataOf = (body: string, contentType: string | undefined) =>
  read(body, { contentType, headers: binaryHeaders })[0];

describe('a binary event', () => {
  test('has its headers unquoted, then decoded once', () => {
    const headers = { ...binaryHeaders, 'ce-subject': '"Euro \\"%E2%82%AC\\" %2520"', 'ce-myextension': 'a b' };
    const [event] = read('{}', { contentType: 'application/json', headers });

    expect(event?.subject).toBe('Euro "€" %20');
    expect(event?.extensions).toEqual({ myextension: 'a b' });
  });

  test.each([
    ['%E2%82', 'half a character'],
    ['%zz', 'no escape'],
    ['%00', 'NUL'],
    ['%ED%A0%80', 'a surrogate'],
    ['€', 'a raw character'],
  ])('with a header %s is refused: %s', (subject) => {
    const headers = { ...binaryHeaders, 'ce-subject': subject };

    expect(() => read('', { contentType: undefined, headers })).toThrow('ce-subject');
  });

  test('reads its body by the content type', () => {
    expect(dataOf('"text"', 'application/vnd.acme+json; charset=utf-8')).toHaveProperty('data', 'text');
    expect(dataOf('{"a":1}', undefined)).toHaveProperty('data', { a: 1 });
    expect(dataOf('a', 'application/octet-stream')).toHaveProperty('dataBase64', 'YQ==');
    expect(dataOf('', 'application/json')).not.toHaveProperty('data');
    expect(() => dataOf('{', 'application/json')).toThrow('not JSON');
  });
});

test.each([
  ['plain JSON without the headers', 'application/json', {}],
  ['one header too few', 'application/json', { ...binaryHeaders, 'ce-type': undefined }],
  ['another format of one event', 'application/cloudevents+avro', binaryHeaders],
  ['another format of a batch', 'application/cloudevents-batch+avro', binaryHeaders],
  ['no format', 'application/cloudevents', binaryHeaders],
  ['another charset', 'application/cloudevents+json; charset=utf-16', {}],
])('%s is a media type that is not read', (_, contentType, headers) => {
  expect(() => read(attributes, { contentType, headers, acceptsBatches: true })).toThrow(UnsupportedMediaType);
});

test('the delivery key is source and id, never one pair for another', () => {
  expect(deliveryKeyOf({ source: '/s', id: '1' })).toBe('["/s","1"]');
  expect(deliveryKeyOf({ source: 'a b', id: 'c' })).not.toBe(deliveryKeyOf({ source: 'a', id: 'b c' }));
  expect(deliveryKeyOf({ source: 's'.repeat(1000), id: '1' })).toMatch(/^[0-9a-f]{64}$/);
});
