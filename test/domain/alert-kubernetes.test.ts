import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKubernetes } from '../../domain/alert/kubernetes.ts';
import { anyInstant, anyText, anyValue, bodyOf, isReadOrRefused, mostly, receivedAt, withMark } from './alert-body.ts';
import { payload } from './payload.ts';

const pod = {
  kind: 'Pod',
  namespace: 'shop',
  name: 'checkout-7d9f-x2x',
  uid: 'c0ffee',
  apiVersion: 'v1',
  fieldPath: 'spec.containers{app}',
};
const older = {
  kind: 'Event',
  apiVersion: 'v1',
  metadata: {
    name: 'checkout-7d9f-x2x.17a',
    uid: 'e1',
    resourceVersion: '811',
    creationTimestamp: '2026-11-28T09:00:00Z',
  },
  involvedObject: pod,
  reason: 'BackOff',
  message: 'Back-off restarting failed container app',
  source: { component: 'kubelet', host: 'node-3' },
  firstTimestamp: '2026-11-28T09:00:00Z',
  lastTimestamp: '2026-11-28T09:25:00Z',
  count: 41,
  type: 'Warning',
  eventTime: null,
  reportingComponent: 'kubelet',
  reportingInstance: 'node-3',
};
const newer = {
  kind: 'Event',
  apiVersion: 'events.k8s.io/v1',
  metadata: older.metadata,
  eventTime: '2026-11-28T09:00:00.000010Z',
  series: { count: 41, lastObservedTime: '2026-11-28T09:25:00.000000Z' },
  reportingController: 'kubelet',
  reportingInstance: 'node-3',
  reason: 'BackOff',
  regarding: pod,
  note: 'Back-off restarting failed container app',
  type: 'Warning',
};
const read = (body: unknown) => readKubernetes(bodyOf(body), receivedAt);
const readOne = (changed: object) => read({ ...older, ...changed }).alerts[0];

describe('Kubernetes tells', () => {
  test.each([
    ['v1', older],
    ['events.k8s.io/v1', newer],
  ])('what it sees of an object, in the spelling of %s', (_, event) => {
    expect(read(event)).toEqual({
      alerts: [
        {
          key: '["c0ffee","Pod","shop","checkout-7d9f-x2x","BackOff"]',
          status: 'firing',
          title: 'BackOff: Back-off restarting failed container app',
          severity: 'warning',
          startedAt: '2026-11-28T09:25:00.000Z',
          labels: {
            kind: 'Pod',
            namespace: 'shop',
            name: 'checkout-7d9f-x2x',
            reason: 'BackOff',
            type: 'Warning',
            controller: 'kubelet',
          },
          annotations: {
            note: 'Back-off restarting failed container app',
            uid: 'c0ffee',
            fieldPath: 'spec.containers{app}',
            count: '41',
          },
        },
      ],
      changes: [],
      notes: [],
    });
  });

  test.each([
    ['core.v1.Event', '8'],
    ['events.k8s.io.v1.Event', '15'],
  ])('it in %s, where every field is set', (file) => {
    expect(readKubernetes(payload(`kubernetes/${file}.json`), receivedAt)).toMatchObject({
      alerts: [
        {
          key: '["uidValue","kindValue","namespaceValue","nameValue","reasonValue"]',
          severity: 'info',
          labels: { type: 'typeValue', reason: 'reasonValue', action: 'actionValue' },
          // A series counts for more than the old count.
          annotations: { count: '1' },
        },
      ],
      notes: [],
    });
  });

  test.each([
    ['a list', { kind: 'EventList', apiVersion: 'v1', metadata: {}, items: [older, newer] }],
    ['an array', [older, newer]],
    ['JSON lines', `${JSON.stringify(older)}\n${JSON.stringify(newer)}\n`],
    ['JSON lines with ends of Windows, and an empty one', `${JSON.stringify(older)}\r\n\r\n${JSON.stringify(newer)}`],
  ])('it of many at once, in %s', (_, body) => {
    expect(read(body)).toEqual({ alerts: [...read(older).alerts, ...read(newer).alerts], changes: [], notes: [] });
  });

  test('it of one, also over many lines', () => {
    expect(read(JSON.stringify(older, undefined, 2))).toEqual(read(older));
  });

  test('the same with a byte order mark', () => {
    expect(readKubernetes(withMark(bodyOf(older)), receivedAt)).toEqual(read(older));
    expect(readKubernetes(withMark(bodyOf(`${JSON.stringify(older)}\n{}`)), receivedAt).alerts).toHaveLength(1);
  });

  test('it as exporters write it, without saying that it is an event', () => {
    const { kind: _, apiVersion: __, ...bare } = older;

    expect(read(bare)).toEqual(read(older));
  });

  test.each([
    ['Normal', 'info'],
    ['Warning', 'warning'],
    ['critical', 'info'],
    ['constructor', 'info'],
    [undefined, 'info'],
  ])('of type %s no more than %s: by itself an event is no exception', (type, severity) => {
    expect(readOne({ type })?.severity).toBe(severity);
  });

  test('repeats of the same under one identity, also after the event itself is gone', () => {
    const again = { metadata: { uid: 'e2', resourceVersion: '950' }, count: 1, lastTimestamp: '2026-11-28T11:00:00Z' };

    expect(readOne(again)?.key).toBe(readOne({})?.key);
    expect(readOne({ reason: 'Killing' })?.key).not.toBe(readOne({})?.key);
    expect(readOne({ involvedObject: { ...pod, uid: 'decaf' } })?.key).not.toBe(readOne({})?.key);
  });

  test.each([
    [
      'the series',
      { series: { count: 3, lastObservedTime: '2026-11-28T09:29:00.000001Z' } },
      '2026-11-28T09:29:00.000Z',
    ],
    ['the time of a new recorder', { eventTime: '2026-11-28T09:28:00.000001Z' }, '2026-11-28T09:28:00.000Z'],
    ['when it was written, of one without times', { lastTimestamp: null }, '2026-11-28T09:00:00.000Z'],
    ['now, of one with none at all', { lastTimestamp: null, metadata: null }, receivedAt],
  ])('when it last happened: %s', (_, times, startedAt) => {
    expect(readOne(times)?.startedAt).toBe(startedAt);
  });

  test.each([
    [
      'a long note',
      { message: 'x'.repeat(65_536) },
      { title: `BackOff: ${'x'.repeat(291)}`, annotations: { note: 'x'.repeat(4_000) } },
    ],
    ['no note', { message: undefined }, { title: 'BackOff' }],
    ['no reason', { reason: '', message: '' }, { title: 'Pod checkout-7d9f-x2x' }],
    ['no count', { count: 0 }, { annotations: { count: '1' } }],
    ['a note of several lines', { message: 'a\nb' }, { title: 'BackOff: a b' }],
  ])('it with %s', (_, changed, told) => {
    expect(readOne(changed)).toMatchObject(told);
  });

  test.each([
    ['a list', { items: [older, { kind: 'Pod' }, newer] }, 'items.1: '],
    ['lines', `${JSON.stringify(older)}\n{"a":\n${JSON.stringify(newer)}`, 'line 2: the body is not JSON'],
  ])('what can be read of %s in which something is odd', (_, body, note) => {
    const { alerts, notes } = read(body);

    expect(alerts).toHaveLength(2);
    expect(notes).toEqual([expect.stringContaining(note)]);
  });
});

test.each([
  ['another object', { kind: 'Pod', metadata: {} }, 'event: '],
  ['an event about nothing', { ...older, involvedObject: undefined }, 'event: expected an Event of Kubernetes'],
  ['no JSON', '{"kind":', 'the body is not JSON'],
  ['nothing', '', 'the body is not JSON'],
  ['lines of which none is JSON', 'a\nb', 'line 1: the body is not JSON'],
  ['too many lines', '{}\n'.repeat(10_001), 'expected at most 10000 events'],
  ['too long a list', Array.from({ length: 10_001 }, () => 0), 'must have at most'],
])('%s is refused', (_, body, message) => {
  expect(() => read(body)).toThrow(message);
});

test('whatever comes in such a body is read or refused', () => {
  const involved = fc.record({
    uid: mostly(anyText),
    kind: mostly(anyText),
    name: mostly(anyText),
    namespace: anyValue,
  });
  const event = fc.record(
    {
      regarding: mostly(involved),
      involvedObject: mostly(involved),
      reason: mostly(anyText),
      note: mostly(anyText),
      type: mostly(fc.constantFrom('Normal', 'Warning')),
      eventTime: anyInstant,
      lastTimestamp: anyInstant,
      series: mostly(fc.record({ count: anyValue, lastObservedTime: anyInstant })),
      count: anyValue,
    },
    { requiredKeys: ['reason'] },
  );
  const body = fc.oneof(
    event,
    fc.array(mostly(event)),
    fc.array(mostly(event)).map((events) => events.map((one) => JSON.stringify(one)).join('\n')),
    fc.string(),
  );

  fc.assert(
    fc.property(mostly(body), (written) => {
      expect(isReadOrRefused(() => read(written))).toBe(true);
    }),
  );
});
