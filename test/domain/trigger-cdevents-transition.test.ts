import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readJson } from '../../domain/json.ts';
import { SourceSpec } from '../../domain/source.ts';
import { readCloudEvents } from '../../domain/trigger/cloudevents.ts';
import { transitionOf } from '../../domain/trigger/cdevents-transition.ts';
import { payload } from './payload.ts';

const Written = z.object({ context: z.looseObject({}), subject: z.looseObject({}) });
const to = { service: 'checkout', environment: 'production' };

const told = (version: string, name: string, transitions: z.input<typeof SourceSpec>['transitions']) => {
  const cdevent = Written.parse(readJson(payload(`cdevents/${version}/${name}.json`)));
  const { id, source, type } = cdevent.context;
  const body = { specversion: '1.0', id, source, type, subject: cdevent.subject['id'], data: cdevent };
  const [event] = readCloudEvents({
    contentType: 'application/cloudevents+json',
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(body)),
    acceptsBatches: false,
  });
  const mapping = SourceSpec.parse({ format: 'cloudevents', team: 'shop', secrets: ['s'], transitions });
  return transitionOf(event!, mapping)?.transition;
};

describe.each(['v0.4.1', 'v0.5.1'])('a CDEvent %s is a transition where the source maps it', (version) => {
  test.each([
    ['service_published', 'service.published', 'go-live'],
    ['environment_created', 'environment.created', 'go-live'],
    ['environment_modified', 'environment.modified', 'go-live'],
    ['environment_deleted', 'environment.deleted', 'retirement'],
  ] as const)('%s', (name, on, kind) => {
    expect(told(version, name, [{ on, kind, to }])).toEqual({ kind, ...to });
  });

  test.each([
    ['of another subject', { from: 'another' }],
    ['of another environment', { environment: 'staging' }],
    ['of another event', { on: 'environment.deleted' as const }],
  ])('and not where the mapping is %s', (_, more) => {
    const mapping = { on: 'service.published' as const, kind: 'go-live' as const, to };

    expect(told(version, 'service_published', [{ ...mapping, ...more }])).toBeUndefined();
  });

  test('the first mapping that fits wins', () => {
    const narrow = { on: 'service.published', environment: 'test123', kind: 'retirement', to } as const;
    const wide = { on: 'service.published', kind: 'go-live', to } as const;

    expect(told(version, 'service_published', [narrow, wide])).toMatchObject({ kind: 'retirement' });
  });
});
