import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelKey, readPrometheus } from '../../domain/alert/prometheus.ts';
import { anyInstant, anyLink, anyTexts, bodyOf, isReadOrRefused, mostly, receivedAt, withMark } from './alert-body.ts';

const later = '2026-11-28T09:34:00.000Z';
const earlier = '2026-11-28T09:26:00.000Z';
const firing = {
  labels: { alertname: 'DiskFills', severity: 'page', instance: 'db-1:9100', replica: 'a' },
  annotations: { summary: 'The disk of db-1 fills' },
  startsAt: '2026-11-28T09:14:03.391Z',
  endsAt: later,
  generatorURL: 'https://prometheus.example/graph',
};
const read = (body: unknown) => readPrometheus(bodyOf(body), receivedAt);
const readOne = (changed: object) => read([{ ...firing, ...changed }]).alerts[0];

describe('Prometheus tells', () => {
  test('that an alert fires, and until when it is to be believed', () => {
    expect(read([firing])).toEqual({
      alerts: [
        {
          key: labelKey(firing.labels),
          status: 'firing',
          title: 'The disk of db-1 fills',
          severity: 'page',
          startedAt: '2026-11-28T09:14:03.391Z',
          expiresAt: later,
          labels: firing.labels,
          annotations: firing.annotations,
          link: firing.generatorURL,
        },
      ],
      changes: [],
      notes: [],
    });
  });

  test.each([
    ['ends in the future', later, { status: 'firing', expiresAt: later }],
    ['has ended', earlier, { status: 'resolved', endedAt: earlier }],
    ['ends right now', receivedAt, { status: 'resolved', endedAt: receivedAt }],
    ['says no end', undefined, { status: 'firing' }],
    ["has Go's zero for an end", '0001-01-01T00:00:00Z', { status: 'firing' }],
    ['has an end that is none', 'soon', { status: 'firing' }],
  ])('of an alert that %s', (_, endsAt, told) => {
    const { status, endedAt, expiresAt } = readOne({ endsAt })!;

    expect({ status, endedAt, expiresAt }).toEqual({ endedAt: undefined, expiresAt: undefined, ...told });
  });

  test.each([
    ['when it ended', earlier, earlier],
    ['now, when it still fires', later, receivedAt],
    ['now, when it says no time at all', undefined, receivedAt],
  ])('of an alert without a start that it began %s', (_, endsAt, startedAt) => {
    expect(readOne({ startsAt: undefined, endsAt })?.startedAt).toBe(startedAt);
  });

  test('of 256 alerts at once', () => {
    const alerts = Array.from({ length: 256 }, (_, at) => ({ ...firing, labels: { at } }));

    expect(new Set(read(alerts).alerts.map(({ key }) => key)).size).toBe(256);
  });

  test('nothing in an empty batch', () => {
    expect(read([])).toEqual({ alerts: [], changes: [], notes: [] });
  });

  test('the same with a byte order mark', () => {
    expect(readPrometheus(withMark(bodyOf([firing])), receivedAt)).toEqual(read([firing]));
  });

  test.each([
    ['no labels', { labels: {} }, 'expected at least one label'],
    ['empty labels alone', { labels: { alertname: '' } }, 'expected at least one label'],
    ['labels that are a text', { labels: 'a=b' }, 'labels: '],
  ])('what can be read, also beside an alert with %s', (_, odd, note) => {
    const { alerts, notes } = read([{ ...firing, ...odd }, firing]);

    expect(alerts).toHaveLength(1);
    expect(notes).toEqual([expect.stringMatching(new RegExp(`^0: .*${note}`))]);
  });
});

describe('the identity of an alert', () => {
  test('does not hang on the order of its labels, nor on empty ones', () => {
    expect(labelKey({ a: '1', b: '2' })).toBe(labelKey({ b: '2', c: '', a: '1' }));
    expect(labelKey({ a: '1', b: '2' })).not.toBe(labelKey({ a: '2', b: '1' }));
  });

  test('is one for both servers of a pair, without the label by which they differ', () => {
    const [one, other] = [readOne({}), readOne({ labels: { ...firing.labels, replica: 'b' } })];

    expect(one?.key).not.toBe(other?.key);
    expect(labelKey(one!.labels, ['replica'])).toBe(labelKey(other!.labels, ['replica']));
    expect(labelKey(one!.labels, ['replica'])).toBe(readOne({ labels: { ...firing.labels, replica: '' } })?.key);
  });

  test('stays while its state is sent again every minute', () => {
    expect(readOne({ endsAt: earlier })?.key).toBe(readOne({ endsAt: later })?.key);
  });
});

test.each([
  ["Alertmanager's webhook", { version: '4', alerts: [firing] }, 'expected an array of alerts'],
  ['nothing', null, 'expected an array of alerts'],
  ['a batch in which nothing can be read', [{}], '0: labels: '],
  ['a batch that is too long', Array.from({ length: 10_001 }, () => 0), 'at most 10000 alerts'],
])('%s is refused', (_, body, message) => {
  expect(() => read(body)).toThrow(message);
});

test('whatever comes in such a body is read or refused', () => {
  const alert = fc.record({
    labels: anyTexts,
    annotations: anyTexts,
    startsAt: anyInstant,
    endsAt: anyInstant,
    generatorURL: anyLink,
  });

  fc.assert(
    fc.property(mostly(fc.array(mostly(alert))), (written) => {
      expect(isReadOrRefused(() => read(written))).toBe(true);
    }),
  );
});
