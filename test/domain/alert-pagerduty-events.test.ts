import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  PagerDutyRefusal,
  readKeptPagerDutyEvent,
  readPagerDutyChange,
  readPagerDutyEvent,
  routingKeyOf,
} from '../../domain/alert/pagerduty-events.ts';
import {
  anyInstant,
  anyLink,
  anyText,
  anyTexts,
  bodyOf,
  isReadOrRefused,
  mostly,
  receivedAt,
  withMark,
} from './alert-body.ts';

const routing_key = 'R015TE0000000000000000000000TEST';
const payload = {
  summary: 'Disk of db-1 is full',
  source: 'db-1.example',
  severity: 'critical',
  timestamp: '2026-11-28T10:14:03.315+0100',
  component: 'postgresql',
  group: 'shop',
  class: 'disk',
  custom_details: {
    free: 0,
    'free space': '0 B',
    isPrimary: true,
    nested: { a: 1 },
    list: [1],
    source: 'not this one',
  },
};
const trigger = {
  routing_key,
  event_action: 'trigger',
  dedup_key: 'db-1/disk',
  payload,
  client: 'Monitor',
  client_url: 'https://monitor.example/db-1',
  links: [{ href: 'https://wiki.example/disk', text: 'What to do' }],
  images: [{ src: 'https://monitor.example/db-1.png' }],
};
const read = (body: unknown) => readPagerDutyEvent(bodyOf(body), receivedAt, 'generated-key');
const readOne = (changed: object) => read({ ...trigger, ...changed }).alerts[0];
const inPayload = (changed: object) => readOne({ payload: { ...payload, ...changed } });
const readChange = (changed: object) => readPagerDutyChange(bodyOf({ routing_key, ...changed }), receivedAt).changes[0];

const errorsOf = (refused: () => unknown): readonly string[] => {
  try {
    refused();
  } catch (error) {
    if (error instanceof PagerDutyRefusal) return error.errors;
    throw error;
  }
  return [];
};

test('an event that was kept counts from when it came, whatever time its sender says', () => {
  const at = '2026-11-28T09:40:00.000Z';
  const kept = (changed: object) =>
    readKeptPagerDutyEvent(bodyOf({ ...trigger, ...changed, received_at: at }), receivedAt).alerts[0];

  expect(kept({})).toMatchObject({
    key: 'db-1/disk',
    startedAt: at,
    annotations: { client: 'Monitor', timestamp: '2026-11-28T09:14:03.315Z' },
  });
  expect(kept({ event_action: 'resolve', payload: undefined })).toMatchObject({ startedAt: at, endedAt: at });
});

describe('a monitor that pages through PagerDuty tells', () => {
  test('that an alert fires', () => {
    expect(read(trigger)).toEqual({
      alerts: [
        {
          key: 'db-1/disk',
          status: 'firing',
          title: 'Disk of db-1 is full',
          severity: 'critical',
          startedAt: '2026-11-28T09:14:03.315Z',
          labels: {
            source: 'db-1.example',
            component: 'postgresql',
            group: 'shop',
            class: 'disk',
            free: '0',
            'free space': '0 B',
            isPrimary: 'true',
          },
          annotations: { client: 'Monitor' },
          link: 'https://monitor.example/db-1',
        },
      ],
      changes: [],
      notes: [],
    });
  });

  test.each([
    ['acknowledge', { status: 'acknowledged', startedAt: receivedAt }],
    ['resolve', { status: 'resolved', startedAt: receivedAt, endedAt: receivedAt }],
  ])('of the same alert by its key alone: %s', (event_action, told) => {
    expect(read({ routing_key, event_action, dedup_key: 'db-1/disk' }).alerts).toEqual([
      { key: 'db-1/disk', title: 'db-1/disk', labels: {}, annotations: {}, ...told },
    ]);
  });

  test('of an end what it may say with it, and does not have to', () => {
    expect(readOne({ event_action: 'resolve' })).toMatchObject({
      title: payload.summary,
      endedAt: '2026-11-28T09:14:03.315Z',
    });
    expect(readOne({ event_action: 'resolve', payload: 'odd' })).toMatchObject({
      title: 'db-1/disk',
      endedAt: receivedAt,
    });
  });

  test.each([[undefined], [null], ['']])('of a new alert each time it gives the key %j', (dedup_key) => {
    expect(readOne({ dedup_key })).toMatchObject({ key: 'generated-key', status: 'firing' });
  });

  test('now, when it says no time, as many do not', () => {
    expect(inPayload({ timestamp: undefined })?.startedAt).toBe(receivedAt);
    expect(inPayload({ timestamp: 'just now' })?.startedAt).toBe(receivedAt);
  });

  test('a severity that nobody knows, for the mapping to judge', () => {
    expect(inPayload({ severity: 'fatal' })?.severity).toBe('fatal');
  });

  test.each([[null], ['free: 0'], [[1, 2]], [undefined]])(
    'and with details %j it is an alert as well',
    (custom_details) => {
      expect(inPayload({ custom_details })).toMatchObject({
        title: payload.summary,
        labels: { source: 'db-1.example' },
      });
    },
  );

  test('and hundreds of details take the place of none of the fields', () => {
    const custom_details = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`d${at}`, '\0'.repeat(9_000)]));
    const labels = inPayload({ custom_details })?.labels ?? {};

    expect(Object.keys(labels)).toHaveLength(100);
    expect(labels).toMatchObject({ source: 'db-1.example', class: 'disk', d0: '\u{fffd}'.repeat(4_000) });
  });

  test.each([
    ['its own', {}, 'https://monitor.example/db-1'],
    [
      'else the first that is one',
      { client_url: 'ftp://a', links: [{ href: 'javascript:1' }, 7, { href: 'https://b.example' }] },
      'https://b.example',
    ],
    ['else none', { client_url: '', links: 'odd' }, undefined],
  ])('where to look: %s', (_, links, link) => {
    expect(readOne(links)?.link).toBe(link);
  });

  test('where to look, of more links than anybody needs', () => {
    const links = Array.from({ length: 200_000 }, () => ({ href: 'https://b.example' }));

    expect(readOne({ client_url: '', links })?.link).toBe('https://b.example');
  });

  test('the same with a byte order mark', () => {
    expect(readPagerDutyEvent(withMark(bodyOf(trigger)), receivedAt, 'x')).toEqual(read(trigger));
  });
});

describe('an event is refused as PagerDuty does', () => {
  test.each([
    ['another action', { event_action: 'close' }, ["'event_action' is not one of trigger, acknowledge and resolve"]],
    ['no action', { event_action: undefined }, ["'event_action' is not one of trigger, acknowledge and resolve"]],
    ['no payload', { payload: undefined }, [expect.stringMatching(/^'payload' /)]],
    [
      'an empty payload',
      { payload: {} },
      ['summary', 'source', 'severity'].map((name) => `'payload.${name}' is missing or is no text`),
    ],
    ['no summary in it', { payload: { ...payload, summary: '' } }, ["'payload.summary' is blank"]],
    ['too long a key', { dedup_key: 'x'.repeat(256) }, ["'dedup_key' is longer than 255 characters"]],
    [
      'an end without a key',
      { event_action: 'resolve', dedup_key: undefined },
      ["'dedup_key' is missing or is no text"],
    ],
    ['an end with an empty key', { event_action: 'resolve', dedup_key: '' }, ["'dedup_key' is blank"]],
  ])('for %s, with the list of what is wrong', (_, changed, errors) => {
    expect(errorsOf(() => readOne(changed))).toEqual(errors);
  });

  test.each([['[]'], ['null'], ['7']])('for %s, which is no event', (body) => {
    expect(errorsOf(() => read(body))).toHaveLength(1);
    expect(errorsOf(() => readPagerDutyChange(bodyOf(body), receivedAt))).toHaveLength(1);
  });

  test('for what is no JSON', () => {
    expect(() => read('{')).toThrow('the body is not JSON');
  });
});

describe('the key that says who sends', () => {
  test.each([
    ['is read of an alert', trigger, routing_key],
    ['is read of a body that is wrong otherwise', { routing_key, event_action: 7 }, routing_key],
    ['may be missing', {}, undefined],
    ['may be no text', { routing_key: { $ne: '' } }, undefined],
    ['may be empty', { routing_key: '' }, undefined],
    ['may be far too long', { routing_key: 'x'.repeat(201) }, undefined],
    ['is not read of a list', [trigger], undefined],
  ])('%s', (_, body, key) => {
    expect(routingKeyOf(bodyOf(body))).toBe(key);
  });

  test('is in no fact', () => {
    expect(JSON.stringify([read(trigger), readChange({ payload: { summary: 'Deployed' } })])).not.toContain(
      routing_key,
    );
  });
});

describe('a change event', () => {
  const change = {
    payload: {
      summary: 'Build 7 was deployed',
      source: 'ci',
      timestamp: '2026-11-28T09:00:00Z',
      custom_details: { service: 'checkout', environment: 'production', build: 7 },
    },
    links: [{ href: 'https://ci.example/7' }],
  };

  test('is evidence, and pages nobody', () => {
    expect(readPagerDutyChange(bodyOf(change), receivedAt)).toEqual({
      alerts: [],
      changes: [
        {
          key: expect.stringMatching(/^[0-9a-f]{64}$/),
          summary: 'Build 7 was deployed',
          at: '2026-11-28T09:00:00.000Z',
          service: 'checkout',
          environment: 'production',
          link: 'https://ci.example/7',
        },
      ],
      notes: [],
    });
  });

  test('that says no time is another one when it comes at another time', () => {
    const body = bodyOf({ payload: { summary: 'Deployed' } });
    const keyAt = (at: string) => readPagerDutyChange(body, at).changes[0]?.key;

    expect(keyAt(receivedAt)).toBe(keyAt(receivedAt));
    expect(keyAt(receivedAt)).not.toBe(keyAt('2026-11-29T09:30:00.000Z'));
    expect(readChange(change)?.key).toBe(
      readPagerDutyChange(bodyOf({ routing_key, ...change }), '2026-11-29T09:30:00.000Z').changes[0]?.key,
    );
  });

  test('needs a summary alone', () => {
    expect(readChange({ payload: { summary: 'a\nb' } })).toMatchObject({ summary: 'a b', at: receivedAt });
    expect(errorsOf(() => readChange({ payload: { source: 'ci' } }))).toEqual([
      "'payload.summary' is missing or is no text",
    ]);
    expect(errorsOf(() => readChange({}))).toHaveLength(1);
  });

  test('keeps a long summary as far as it goes', () => {
    expect(readChange({ payload: { summary: '🙂'.repeat(2_000) } })?.summary).toHaveLength(1_024);
  });
});

test('whatever comes in such a body is read or refused', () => {
  const event = fc.record({
    event_action: mostly(fc.constantFrom('trigger', 'acknowledge', 'resolve')),
    dedup_key: mostly(anyText),
    payload: mostly(
      fc.record({
        summary: mostly(anyText),
        source: mostly(anyText),
        severity: mostly(anyText),
        timestamp: anyInstant,
        component: mostly(anyText),
        custom_details: anyTexts,
      }),
    ),
    client: mostly(anyText),
    client_url: anyLink,
    links: mostly(fc.array(mostly(fc.record({ href: anyLink })))),
  });

  fc.assert(
    fc.property(mostly(event), (written) => {
      expect(isReadOrRefused(() => read(written))).toBe(true);
      expect(isReadOrRefused(() => readPagerDutyChange(bodyOf(written), receivedAt))).toBe(true);
    }),
  );
});
