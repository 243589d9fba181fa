import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AlertFact } from '../../domain/alert.ts';
import { readIncidentEvent } from '../../domain/alert/cdevents-incident.ts';
import { readJson } from '../../domain/json.ts';
import { readCloudEvents } from '../../domain/trigger/cloudevents.ts';
import { anyTexts, anyValue, bodyOf, isReadOrRefused, mostly, receivedAt } from './alert-body.ts';
import { payload } from './payload.ts';

const Written = z.object({
  context: z.looseObject({ type: z.string() }),
  subject: z.looseObject({ content: z.looseObject({}) }),
  customData: z.unknown().optional(),
});
type Written = z.infer<typeof Written>;
const sample = (version: string, name: string) => Written.parse(readJson(payload(`cdevents/${version}/${name}.json`)));

/** The event in the envelope that it asks for. */
const told = (cdevent: Written, envelope: object = {}) => {
  const { id, source, type } = cdevent.context;
  const body = { specversion: '1.0', id, source, type, subject: cdevent.subject['id'], data: cdevent, ...envelope };
  const [event] = readCloudEvents({
    contentType: 'application/cloudevents+json',
    headers: {},
    body: bodyOf(body),
    acceptsBatches: false,
  });
  return readIncidentEvent(event!, receivedAt);
};

const withContent = (cdevent: Written, content: object): Written => ({
  ...cdevent,
  subject: { ...cdevent.subject, content: { ...cdevent.subject.content, ...content } },
});

describe.each(['v0.4.1', 'v0.5.1'])('CDEvents %s tell of an incident', (version) => {
  const detected = sample(version, 'incident_detected');

  test('that was detected, in the words of the monitor', () => {
    expect(told(detected)).toEqual({
      alerts: [
        {
          key: '["/monitoring/prod1","incident-123"]',
          status: 'firing',
          title: 'Response time above threshold of 100ms',
          severity: undefined,
          startedAt: '2022-11-11T13:52:20.079Z',
          labels: {
            environment: 'prod1',
            service: 'myApp',
            artifactId: 'pkg:oci/myapp@sha256%3A0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427',
            subject: 'incident-123',
          },
          annotations: { metric: 'responseTime', threshold: '100ms', value: '200ms' },
          link: undefined,
        },
      ],
      changes: [],
      notes: [],
    });
  });

  test('that was reported, with its ticket and what the reporter calls severe', () => {
    const alerts = told(sample(version, 'incident_reported'))?.alerts;

    expect(AlertFact.array().parse(alerts)).toMatchObject([
      { status: 'firing', severity: 'medium', link: 'https://my-issues.example/incidents/ticket-345' },
    ]);
  });

  test('that is resolved, which is the same one', () => {
    expect(told(sample(version, 'incident_resolved'))?.alerts).toMatchObject([
      {
        key: told(detected)?.alerts[0]?.key,
        status: 'resolved',
        title: 'Response time restored below 100ms',
        endedAt: '2022-11-11T13:52:20.079Z',
      },
    ]);
  });

  test('in an envelope with an id of its own, as some SDKs give it', () => {
    expect(told(detected, { id: '1b4e28ba' })).toEqual(told(detected));
  });

  test.each([
    ['no environment', { environment: undefined }, { service: 'myApp' }],
    ['an environment that is a text', { environment: 'prod1' }, { service: 'myApp' }],
    ['no service', { service: null }, { environment: 'prod1' }],
  ])('with %s, which a mapping may place', (_, content, labels) => {
    const cdevent = withContent(detected, { artifactId: 7, ...content });

    expect(told(cdevent)?.alerts[0]?.labels).toEqual({ subject: 'incident-123', ...labels });
  });

  test.each([[undefined], [''], [7]])('that has no description: %j', (description) => {
    expect(told(withContent(detected, { description }))?.alerts[0]?.title).toBe('incident incident-123');
  });

  test.each(['ticket_created', 'ticket_updated', 'ticket_closed'])(
    'but of a ticket for the record alone: %s',
    (name) => {
      expect(told(sample(version, name))).toEqual({
        alerts: [],
        changes: [],
        notes: ['ticket events are kept as evidence only'],
      });
    },
  );

  test.each(['service_deployed', 'environment_created', 'custom_event'])('and nothing of it in %s', (name) => {
    expect(told(sample(version, name))).toBeUndefined();
  });

  test.each(['incident.closed.0.3.0', 'incident.constructor.0.3.0', 'incident.detected.1.0.0', 'ticket.moved.0.2.0'])(
    'and nothing that is known by %s',
    (type) => {
      const context = { ...detected.context, type: `dev.cdevents.${type}` };

      expect(told({ ...detected, context })).toBeUndefined();
    },
  );

  test('and of two incidents at once, one of them is a lie', () => {
    expect(() => told(detected, { subject: 'incident-124' })).toThrow('subject of the CloudEvent is not');
  });
});

test('whatever an incident is said to be is read or refused', () => {
  const detected = sample('v0.5.1', 'incident_detected');
  const content = fc.record({
    description: mostly(fc.string({ unit: 'binary' })),
    environment: mostly(fc.record({ id: mostly(fc.string({ unit: 'binary' })) })),
    ticketURI: anyValue,
  });

  fc.assert(
    fc.property(mostly(content), anyTexts, (odd, customData) => {
      const cdevent = { ...detected, subject: { ...detected.subject, content: odd }, customData };

      expect(isReadOrRefused(() => told(cdevent as Written))).toBe(true);
    }),
  );
});
