import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DeploymentFact } from '../../domain/deployment.ts';
import { parseCdEvent } from '../../domain/trigger/cdevents.ts';
import { readCloudEvents } from '../../domain/trigger/cloudevents.ts';
import { readJson } from '../../domain/json.ts';
import { payload } from './payload.ts';

const Written = z.object({
  context: z.looseObject({}),
  subject: z.looseObject({}),
  customData: z.unknown().optional(),
});
type Written = z.infer<typeof Written>;
const versions = ['v0.4.1', 'v0.5.1'] as const;
const sample = (version: string, name: string) => Written.parse(readJson(payload(`cdevents/${version}/${name}.json`)));

/** The event in the envelope that it asks for, with some of the envelope changed. */
const told = (cdevent: Written, envelope: object = {}) => {
  const { id, source, type } = cdevent.context;
  const body = { specversion: '1.0', id, source, type, subject: cdevent.subject['id'], data: cdevent, ...envelope };
  const [event] = readCloudEvents({
    contentType: 'application/cloudevents+json',
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(body)),
    acceptsBatches: false,
  });
  return parseCdEvent(event!);
};

const artifact = 'pkg:oci/myapp@sha256%3A0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427';

describe.each(versions)('CDEvents %s tell of a service', (version) => {
  test.each([
    ['service_deployed', 'deployed', artifact],
    ['service_upgraded', 'deployed', artifact],
    ['service_rolledback', 'rolled-back', artifact],
    ['service_removed', 'removed', 'mySubject123'],
    ['service_published', 'published', 'mySubject123'],
  ])('%s: %s', (name, change, what) => {
    const cdevent = sample(version, name);
    const { deliveryKey, facts } = told(cdevent);

    expect(deliveryKey).toBe('["/event/source/123","271069a8-fc18-44f1-b38f-9d70a1695819"]');
    expect(facts).toEqual([
      {
        change,
        factKey: JSON.stringify([
          cdevent.context['type'],
          'mySubject123',
          'test123',
          what,
          '2023-03-20T14:27:05.315384Z',
        ]),
        subject: 'mySubject123',
        environment: 'test123',
        artifact: what,
        transient: false,
        triggeredBy: [],
        at: '2023-03-20T14:27:05.315384Z',
      },
    ]);
    expect(DeploymentFact.safeParse(facts[0]).success).toBe(true);
  });

  test.each([
    'environment_created',
    'environment_modified',
    'environment_deleted',
    'incident_detected',
    'incident_reported',
    'incident_resolved',
    'ticket_created',
    'ticket_updated',
    'ticket_closed',
    'custom_event',
  ])('and of more that starts nothing: %s', (name) => {
    const { facts, note } = told(sample(version, name));

    expect(facts).toEqual([]);
    expect(note).toMatch(/^dev\.cdevents.* is not used$/);
  });

  test('and a redelivery under another id is the same fact', () => {
    const cdevent = sample(version, 'service_deployed');
    const again = { ...cdevent, context: { ...cdevent.context, id: 'another' } };

    expect(told(again).deliveryKey).not.toBe(told(cdevent).deliveryKey);
    expect(told(again).facts).toEqual(told(cdevent).facts);
  });

  test('and an id of its own that an SDK gave the envelope is noted, and does not count', () => {
    const cdevent = sample(version, 'service_deployed');
    const { deliveryKey, facts, note } = told(cdevent, { id: '1b4e28ba' });

    expect(deliveryKey).toBe(told(cdevent).deliveryKey);
    expect(facts).toEqual(told(cdevent).facts);
    expect(note).toBe(
      'the CloudEvent has the id 1b4e28ba, the CDEvent 271069a8-fc18-44f1-b38f-9d70a1695819, which counts',
    );
    expect(told(sample(version, 'ticket_created'), { id: '1b4e28ba' }).note).toMatch(
      /is not used; the CloudEvent has the id/,
    );
  });

  test.each(['yesterday', '2023-03-20', '2023-13-20T14:27:05Z'])('and never at the time %s', (timestamp) => {
    const cdevent = sample(version, 'service_deployed');

    expect(() => told({ ...cdevent, context: { ...cdevent.context, timestamp } })).toThrow(
      'context.timestamp: expected a time such as',
    );
  });

  test('and a percent sign may be meant as one', () => {
    const cdevent = sample(version, 'service_deployed');
    const subject = { ...cdevent.subject, id: 'acme%2Fshop' };

    expect(told({ ...cdevent, subject }, { subject: 'acme/shop' }).facts[0]?.subject).toBe('acme%2Fshop');
    expect(() => told({ ...cdevent, subject }, { subject: 'acme-shop' })).toThrow('subject of the CloudEvent');
  });

  test('and of more, for the rules of mappings', () => {
    const cdevent = { ...sample(version, 'service_deployed'), customData: { service: 'search' } };

    expect(told(cdevent).facts[0]?.payload).toEqual({ service: 'search' });
  });

  test.each([
    ['type', { type: 'dev.cdevents.service.upgraded.0.2.0' }],
    ['source', { source: '/another' }],
    ['subject', { subject: 'another' }],
  ])('and %s of the envelope has to agree', (name, envelope) => {
    expect(() => told(sample(version, 'service_deployed'), envelope)).toThrow(`${name} of the CloudEvent is not`);
  });

  test('and no deployment goes without its artifact', () => {
    const cdevent = sample(version, 'service_deployed');
    const subject = { ...cdevent.subject, content: { environment: { id: 'test123' } } };

    expect(() => told({ ...cdevent, subject })).toThrow('artifactId');
  });

  test('and a removal without an environment starts nothing', () => {
    const cdevent = sample(version, 'service_removed');

    const { facts, note } = told({ ...cdevent, subject: { ...cdevent.subject, content: {} } });

    expect(facts).toEqual([]);
    expect(note).toContain('names no environment');
  });
});

test('the version stands in one place, by the version', () => {
  const { context, ...rest } = sample('v0.5.1', 'service_deployed');

  expect(() => told({ ...rest, context: { ...context, version: '0.4.1' } })).toThrow('either version');
  expect(() => told({ ...rest, context: { ...context, specversion: undefined } })).toThrow('either version');
});

test('an event that is no CDEvent starts nothing', () => {
  const { facts, note } = told({
    context: { id: '1', source: '/s', type: 'com.example.done' },
    subject: { content: {} },
  });

  expect(facts).toEqual([]);
  expect(note).toBe('com.example.done is no CDEvent');
});

describe('whoever triggered it', () => {
  const cdevent = sample('v0.5.1', 'service_deployed');
  const triggeredBy = (envelope: object, customData: unknown) =>
    told(Object.assign({ ...cdevent }, { customData }), envelope).facts[0]?.triggeredBy;

  test.each([
    [{ authtype: 'user', authid: 'ann' }, {}, [{ system: 'other', login: 'ann' }]],
    [{ authtype: 'service_account', authid: 'ci' }, {}, [{ system: 'other', login: 'ci', isBot: true }]],
    [{}, { triggeredBy: 'ann' }, [{ system: 'other', login: 'ann' }]],
    [
      {},
      { triggeredBy: { github: 'ann', email: ['a@b.example'] } },
      [
        { system: 'github', login: 'ann' },
        { system: 'email', login: 'a@b.example' },
      ],
    ],
    [{}, { triggeredBy: { evenkeel: 'ann' } }, []],
    [{}, { triggeredBy: 7 }, []],
    [{}, 'ann', []],
  ] as [object, unknown, object[]][])('is by %j and %j', (envelope, customData, expected) => {
    expect(triggeredBy(envelope, customData)).toEqual(expected);
  });
});
