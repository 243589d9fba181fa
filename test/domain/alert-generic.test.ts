import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readReported, ReportedEvents } from '../../domain/alert/generic.ts';
import {
  anyInstant,
  anyLink,
  anyText,
  anyTexts,
  anyValue,
  bodyOf,
  isReadOrRefused,
  mostly,
  receivedAt,
  withMark,
} from './alert-body.ts';

const whole = {
  key: 'queue/orders',
  status: 'resolved',
  title: 'The queue of orders grows',
  severity: 'error',
  service: 'checkout',
  environment: 'production',
  startedAt: '2026-11-28T10:14:03+01:00',
  endedAt: '2026-11-28T09:20:00Z',
  labels: { queue: 'orders', length: 4_200, isPaused: false },
  annotations: { runbook: 'Empty the queue' },
  link: 'https://queues.example/orders',
  class: 'exception',
};
const read = (body: unknown) => readReported(bodyOf(body), receivedAt);
const readOne = (body: unknown) => read(body).alerts[0];

describe('a sender without a format of its own tells', () => {
  test('all that can be told of an event', () => {
    expect(read(whole)).toEqual({
      alerts: [
        {
          key: 'queue/orders',
          status: 'resolved',
          title: 'The queue of orders grows',
          severity: 'error',
          service: 'checkout',
          environment: 'production',
          startedAt: '2026-11-28T09:14:03.000Z',
          endedAt: '2026-11-28T09:20:00.000Z',
          labels: { class: 'exception', queue: 'orders', length: '4200', isPaused: 'false' },
          annotations: { runbook: 'Empty the queue' },
          link: 'https://queues.example/orders',
        },
      ],
      changes: [],
      notes: [],
    });
  });

  test('a title alone, which fires from now on', () => {
    expect(readOne({ title: 'The backup failed' })).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      status: 'firing',
      title: 'The backup failed',
      startedAt: receivedAt,
      labels: {},
      annotations: {},
    });
  });

  test('the same of the same service, environment and title, until it is resolved', () => {
    const about = { title: 'The backup failed', service: 'checkout', environment: 'production' };
    const keyOf = (changed: object) => readOne({ ...about, ...changed })?.key;

    expect(keyOf({ status: 'resolved', severity: 'info', labels: { a: 1 } })).toBe(keyOf({}));
    expect(new Set([{}, { title: 'b' }, { service: 'b' }, { environment: 'b' }].map(keyOf)).size).toBe(4);
  });

  test('an end without a time, which is now', () => {
    expect(readOne({ title: 'a', status: 'resolved' })).toMatchObject({ startedAt: receivedAt, endedAt: receivedAt });
  });

  test('of up to a thousand events at once', () => {
    const events = Array.from({ length: 1_000 }, (_, at) => ({ title: `Event ${at}` }));

    expect(read({ events }).alerts).toHaveLength(1_000);
    expect(() => read({ events: [...events, whole] })).toThrow(/^events: must have at most/);
  });

  test('the same with a byte order mark', () => {
    expect(readReported(withMark(bodyOf(whole)), receivedAt)).toEqual(read(whole));
  });

  test('text that the database could not keep, which is put right', () => {
    expect(readOne({ title: 'a', key: 'a\0', labels: { 'n\ud800': 'v\0' } })).toMatchObject({
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      labels: { 'n\u{fffd}': 'v\u{fffd}' },
    });
  });
});

describe('a mistake is named by its field', () => {
  test.each([
    ['no title', {}, /^title: /],
    ['an empty title', { title: '' }, /^title: /],
    ['a title of two lines', { title: 'a\nb' }, /^title: expected one line of text$/],
    ['another status', { title: 'a', status: 'open' }, /^status: expected one of firing, resolved$/],
    ['another severity', { title: 'a', severity: 'fatal' }, /^severity: .*critical/],
    ['a service that is no name', { title: 'a', service: 'Check Out' }, /^service: expected lower-case letters/],
    ['a time that is none', { title: 'a', startedAt: 'now' }, /^startedAt: expected a time such as/],
    [
      'a time that nobody can place',
      { title: 'a', startedAt: '2026-11-28T09:00:00' },
      /^startedAt: expected a time such as/,
    ],
    [
      'an end of what still fires',
      { title: 'a', endedAt: receivedAt },
      /^endedAt: expected only where status is resolved$/,
    ],
    [
      'an end before the start',
      { ...whole, endedAt: '2026-11-27T09:00:00Z' },
      /^endedAt: expected no time before startedAt$/,
    ],
    [
      'a label that holds more',
      { title: 'a', labels: { a: { b: 1 } } },
      /^labels\.a: expected a text, a number, true or false$/,
    ],
    ['a link that is none', { title: 'a', link: 'javascript:alert(1)' }, /^link: expected a link that begins with/],
    ['another class', { title: 'a', class: 'bad' }, /^class: .*exception/],
    ['a field nobody knows', { title: 'a', sevrity: 'error' }, /"sevrity"/],
    ['a prototype', '{"title":"a","__proto__":{"title":"b"}}', /"__proto__"/],
    ['a field beside the events', { events: [whole], title: 'a' }, /"title"/],
    ['a mistake in one of many', { events: [whole, { ...whole, title: 7 }] }, /^events\.1\.title: /],
    ['no event', { events: [] }, /^events: /],
    ['events that are none', { events: 7 }, /^events: /],
    ['a list', [whole], /expected object/],
    ['nothing', null, /expected object/],
    ['no JSON', '{', /^the body is not JSON/],
  ])('%s', (_, body, message) => {
    expect(() => read(body)).toThrow(message);
  });

  test.each([
    ['labels', (many: object) => ({ title: 'a', labels: many }), 'labels: expected at most 100 entries'],
    [
      'annotations of one',
      (many: object) => ({ events: [{ title: 'a', annotations: many }] }),
      'events.0.annotations: expected at most 100 entries',
    ],
    ['fields', (many: object) => ({ title: 'a', ...many }), 'an event has at most 50 fields'],
    ['fields beside the events', (many: object) => ({ events: [], ...many }), 'a batch has the field events alone'],
    ['events', (many: object) => ({ events: Object.values(many) }), 'events: must have at most'],
  ])('far too many %s are counted before they are looked at', (_what, bodyWith, message) => {
    const body = bodyOf(bodyWith(Object.fromEntries(Array.from({ length: 50_000 }, (_each, at) => [`l${at}`, null]))));

    expect(() => readReported(body, receivedAt)).toThrow(message);
  });

  test('too many labels', () => {
    const labels = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`l${at}`, at]));

    expect(() => read({ title: 'a', labels })).toThrow('labels: expected at most 100 entries');
  });
});

test('the format can be published', () => {
  const published = z.toJSONSchema(ReportedEvents, { io: 'input' });

  expect(published).toMatchObject({ $defs: { ReportedEvent: { required: ['title'] } } });
});

test('whatever comes in such a body is read or refused', () => {
  const event = fc.record(
    {
      key: mostly(anyText),
      status: mostly(fc.constantFrom('firing', 'resolved')),
      title: mostly(fc.string({ minLength: 1 })),
      startedAt: anyInstant,
      endedAt: anyInstant,
      labels: anyTexts,
      annotations: anyTexts,
      link: anyLink,
      severity: anyValue,
    },
    { requiredKeys: ['title'] },
  );

  fc.assert(
    fc.property(mostly(fc.oneof(event, fc.record({ events: fc.array(mostly(event)) }))), (written) => {
      expect(isReadOrRefused(() => read(written))).toBe(true);
    }),
  );
});
