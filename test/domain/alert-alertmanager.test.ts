import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAlertmanager } from '../../domain/alert/alertmanager.ts';
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

const zero = '0001-01-01T00:00:00Z';
const firing = {
  status: 'firing',
  labels: { alertname: 'HighErrorRate', severity: 'critical', service: 'checkout' },
  annotations: { summary: 'Checkout answers with errors', runbook_url: 'https://runbooks.example/checkout' },
  startsAt: '2026-11-28T09:14:03.391Z',
  endsAt: zero,
  generatorURL: 'https://prometheus.example/graph?g0.expr=up',
  fingerprint: '1f2b6a1c6c4f9a10',
};
const resolved = { ...firing, status: 'resolved', endsAt: '2026-11-28T09:20:03.391Z', fingerprint: '9a101f2b6a1c6c4f' };

const envelope = (alerts: unknown, more: object = {}) => ({
  version: '4',
  groupKey: '{}:{alertname="HighErrorRate"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: String.raw`team\.checkout`,
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'https://alertmanager.example',
  alerts,
  ...more,
});
const read = (alerts: unknown, more?: object) => readAlertmanager(bodyOf(envelope(alerts, more)), receivedAt);
const readOne = (changed: object) => read([{ ...firing, ...changed }]).alerts[0];

describe('Alertmanager tells', () => {
  test('that an alert fires, in the words of its rule', () => {
    expect(read([firing])).toEqual({
      alerts: [
        {
          key: '1f2b6a1c6c4f9a10',
          status: 'firing',
          title: 'Checkout answers with errors',
          severity: 'critical',
          startedAt: '2026-11-28T09:14:03.391Z',
          labels: firing.labels,
          annotations: firing.annotations,
          link: firing.generatorURL,
        },
      ],
      changes: [],
      notes: [],
    });
  });

  test('of a mixed group what became of each alert, whatever the group is said to be', () => {
    expect(read([firing, resolved], { status: 'firing' }).alerts).toMatchObject([
      { key: firing.fingerprint, status: 'firing' },
      { key: resolved.fingerprint, status: 'resolved', endedAt: '2026-11-28T09:20:03.391Z' },
    ]);
  });

  test('the same in versions that say why, or by which route', () => {
    const more = { notification_reason: 'repeat interval elapsed', routeLabels: { team: 'checkout' } };

    expect(read([firing], more)).toEqual(read([firing]));
  });

  test('the same to a receiver of any name, which comes quoted as for a regular expression', () => {
    expect(read([firing], { receiver: 'anything' })).toEqual(read([firing], { receiver: String.raw`team\.a` }));
  });

  test('an earlier start of the same firing under the same identity', () => {
    const [before, after] = [readOne({}), readOne({ startsAt: '2026-11-28T09:00:00Z' })];

    expect(after?.key).toBe(before?.key);
    expect(after?.startedAt).toBe('2026-11-28T09:00:00.000Z');
  });

  test('twice the same, when two peers send it', () => {
    expect(read([firing])).toEqual(read([firing]));
  });

  test('of an empty group nothing', () => {
    expect(read([])).toEqual({ alerts: [], changes: [], notes: [] });
  });

  test('the same with a byte order mark', () => {
    expect(readAlertmanager(withMark(bodyOf(envelope([firing]))), receivedAt)).toEqual(read([firing]));
  });

  test('how many alerts it left out, of which none has ended for that', () => {
    const { alerts, notes } = read([firing], { truncatedAlerts: 3 });

    expect(alerts).toMatchObject([{ status: 'firing' }]);
    expect(notes).toEqual(['the sender left out 3 alerts: unset max_alerts']);
  });
});

describe('the times of an alert', () => {
  test.each([
    ['is zero in Go', zero, receivedAt],
    ['is missing', undefined, receivedAt],
    ['is no time', 'yesterday', receivedAt],
    ['is a number', 1_764_321_243, receivedAt],
    ['has an offset', '2026-11-28T10:14:03+01:00', '2026-11-28T09:14:03.000Z'],
    ['has an offset without its colon', '2026-11-28T09:14:03+0000', '2026-11-28T09:14:03.000Z'],
    ['has nanoseconds', '2026-11-28T09:14:03.391266876Z', '2026-11-28T09:14:03.391Z'],
    ['lies in a year of five digits', '9999-12-31T23:59:59-14:00', receivedAt],
  ])('where its start %s', (_, startsAt, startedAt) => {
    expect(readOne({ startsAt })?.startedAt).toBe(startedAt);
  });

  test('of one that fires have no end, whatever is written there', () => {
    expect(readOne({ endsAt: '2026-11-28T09:20:00Z' })).not.toHaveProperty('endedAt', expect.anything());
  });

  test('of one that is resolved without saying when end now', () => {
    expect(readOne({ status: 'resolved', endsAt: zero })).toMatchObject({ status: 'resolved', endedAt: receivedAt });
  });
});

describe('an alert with something odd', () => {
  test.each([
    ['a status nobody knows still fires', { status: 'suppressed' }, { status: 'firing' }],
    ['no annotations', { annotations: null }, { title: 'HighErrorRate', annotations: {} }],
    ['no name at all', { labels: {}, annotations: {} }, { title: 'alert', labels: {} }],
    ['a title of several lines', { annotations: { summary: ' a\r\n\u2028b\0' } }, { title: 'a b\u{fffd}' }],
    ['a very long title', { annotations: { summary: 'x'.repeat(9_000) } }, { title: 'x'.repeat(300) }],
    [
      'labels that are numbers',
      { labels: { port: 8080, up: false, none: null, empty: '' } },
      { labels: { port: '8080', up: 'false' } },
    ],
    ['a link that is none', { generatorURL: 'javascript:alert(1)' }, { link: 'https://alertmanager.example' }],
    ['an empty link', { generatorURL: '' }, { link: 'https://alertmanager.example' }],
    ['fields nobody knows', { labels2: { deep: [[[1]]] }, receivers: null }, { status: 'firing' }],
  ])('%s', (_, changed, told) => {
    expect(readOne(changed)).toMatchObject(told);
  });

  test('a key that would change the prototype is none of its labels', () => {
    const body = JSON.stringify(envelope([firing])).replace(
      '"alertname"',
      '"__proto__":{"a":"b"},"constructor":"c","alertname"',
    );
    const [alert] = readAlertmanager(bodyOf(body), receivedAt).alerts;

    expect(alert?.labels).toEqual({ constructor: 'c', ...firing.labels });
  });

  test('more labels than can be kept', () => {
    const labels = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`l${at}`, 'x'.repeat(5_000)]));

    expect(Object.values(readOne({ labels })?.labels ?? {}).map((text) => text.length)).toEqual(Array(100).fill(4_000));
  });

  test.each([
    ['without a fingerprint', { ...firing, fingerprint: undefined }, 'alerts.1: fingerprint: '],
    ['without labels', { ...firing, labels: 'none' }, 'alerts.1: labels: '],
    ['that is none', null, 'alerts.1: '],
  ])('%s is noted, and takes no other along', (_, odd, note) => {
    const { alerts, notes } = read([firing, odd, resolved]);

    expect(alerts.map(({ key }) => key)).toEqual([firing.fingerprint, resolved.fingerprint]);
    expect(notes).toEqual([expect.stringContaining(note)]);
  });

  test('and thousands of them make a few notes', () => {
    const { alerts, notes } = read([firing, ...Array.from({ length: 5_000 }, () => null)]);

    expect(alerts).toHaveLength(1);
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toBe('4980 more could not be read');
  });
});

describe('a body is refused', () => {
  test.each([
    ['a custom payload', { text: 'HighErrorRate' }],
    ['a custom payload that is a list', [firing]],
    ['a custom payload that is nothing', null],
    ["Grafana's webhook", envelope([firing], { version: '1' })],
    ['a version of the past', envelope([firing], { version: '3' })],
  ])('that is %s, by the name of the setting', (_, body) => {
    expect(() => readAlertmanager(bodyOf(body), receivedAt)).toThrow(/Alertmanager, version 4: leave `payload` of/);
  });

  test.each([
    ['is no JSON', '{', 'the body is not JSON'],
    ['has no alerts', envelope(undefined), 'alerts: '],
    ['has too many alerts', envelope(Array.from({ length: 10_001 }, () => 0)), 'alerts: must have at most'],
    ['has none that can be read', envelope([{}, {}]), 'alerts.0: status: '],
  ])('that %s', (_, body, message) => {
    expect(() => readAlertmanager(bodyOf(body), receivedAt)).toThrow(message);
  });
});

test('whatever comes in such a body is read or refused', () => {
  const alert = fc.record({
    status: mostly(fc.constantFrom('firing', 'resolved')),
    labels: anyTexts,
    annotations: anyTexts,
    startsAt: anyInstant,
    endsAt: anyInstant,
    generatorURL: anyLink,
    fingerprint: mostly(anyText),
  });
  const body = fc.record({
    version: fc.constant('4'),
    truncatedAlerts: mostly(fc.nat()),
    alerts: fc.array(mostly(alert)),
  });

  fc.assert(
    fc.property(mostly(body), (written) => {
      expect(isReadOrRefused(() => readAlertmanager(bodyOf(written), receivedAt))).toBe(true);
    }),
  );
});
