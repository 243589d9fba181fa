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

  test('may be of version 0.3, which has another word for bytes', () => {
    const old = { ...attributes, specversion: '0.3' };

    expect(read({ ...old, data: { a: 1 } })[0]).toHaveProperty('data', { a: 1 });
    expect(read({ ...old, datacontentencoding: 'base64', data: inBase64('{"a":1}') })[0]).toHaveProperty('data', {
      a: 1,
    });
    expect(
      read('{}', { contentType: 'application/json', headers: { ...binaryHeaders, 'ce-specversion': '0.3' } }),
    ).toHaveLength(1);
  });

  test('treats null as not set and leaves out what is no attribute', () => {
    const [event] = read({ ...attributes, subject: null, myextension: 'a', 'Not-A-Name': 'b', nested: {} });

    expect(event?.subject).toBeUndefined();
    expect(event?.extensions).toEqual({ myextension: 'a' });
  });

  test.each([
    ['without an id', { ...attributes, id: undefined }, /^id: /],
    ['with an empty source', { ...attributes, source: '' }, /^source: /],
    ['of another version', { ...attributes, specversion: '0.2' }, /^specversion: /],
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
    expect(() =>
      read(
        Array.from({ length: 1_001 }, () => attributes),
        { contentType, acceptsBatches: true },
      ),
    ).toThrow(/1000/);
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

  const subjectOf = (subject: string) =>
    read('', { contentType: undefined, headers: { ...binaryHeaders, 'ce-subject': subject } })[0]?.subject;

  test.each([
    ['%E2%82', 'half a character'],
    ['%zz', 'no escape'],
    ['100%', 'a percent sign'],
    ['%00', 'NUL'],
    ['%ED%A0%80', 'a surrogate'],
  ])('keeps a header %s as it is: %s', (subject) => {
    expect(subjectOf(subject)).toBe(subject);
  });

  test('may have letters in its headers as raw UTF-8, and nothing else', () => {
    // Node hands over each byte as one letter.
    const asNodeGives = (text: string): string => Buffer.from(text).toString('latin1');

    expect(subjectOf(asNodeGives('Größe €'))).toBe('Größe €');
    expect(subjectOf(asNodeGives('Größe %E2%82%AC'))).toBe('Größe €');
    expect(() => subjectOf('Gr\u00f6\u00dfe')).toThrow('header ce-subject is not UTF-8 text');
    expect(() => subjectOf('a\0b')).toThrow('ce-subject');
  });

  test('needs no content type', () => {
    const [event] = read('{"a":1}', { contentType: '', headers: binaryHeaders });

    expect(event).toMatchObject({ id: '1', data: { a: 1 } });
    expect(event?.datacontenttype).toBeUndefined();
    expect(read('', { contentType: '', headers: binaryHeaders })).toHaveLength(1);
    expect(read('a', { contentType: '', headers: binaryHeaders })[0]).toHaveProperty('dataBase64', 'YQ==');
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

test.each([
  'yesterday',
  '2026-11-28',
  '2026-11-28T25:30:00',
  '2026-02-30T09:30:00Z',
  '1764322200',
  '28.11.2026 09:30:00',
])('the time %s is refused with what to write', (time) => {
  expect(() => read({ ...attributes, time })).toThrow('time: expected a time such as 2026-11-28T09:30:00Z');
});

test('times are taken as RFC 3339 has them, and as SDKs write them', () => {
  const times = [
    '2026-11-28T09:30:00Z',
    '2026-11-28t09:30:00.123456789z',
    '2026-11-28T09:30:00+01:00',
    '2026-11-28 09:30:00.123456',
    '2026-11-28T09:30:00+0000',
  ];

  expect(times.flatMap((time) => read({ ...attributes, time })).map(({ time }) => time)).toEqual(times);
});

test('a byte order mark ahead of the body is no part of it', () => {
  expect(read(`\u{feff}${JSON.stringify(attributes)}`)).toHaveLength(1);
});

test('what is not used of an event may be as odd as it likes', () => {
  const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
  const odd = `{"a":${deep},"__proto__":{"id":"x"},"s":"\\ud800","k":{${Array.from({ length: 2_000 }, (_, at) => `"k${at}":0`).join()}}}`;

  expect(read(`{"id":"1","source":"/s","type":"t","specversion":"1.0","data":${odd}}`)).toMatchObject([{ id: '1' }]);
});
