import { describe, expect, test } from 'vitest';
import type { Context } from '../../api/context.ts';
import { openApiOf } from '../../api/openapi.ts';
import { recordViews } from '../../api/routes/record-views.ts';
import { operationsOf } from '../../api/routes/index.ts';
import { Duration } from '../../domain/duration.ts';

interface Described {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { required: boolean; content: Record<string, unknown> };
  responses: Record<string, { content?: Record<string, { schema: object }>; headers?: Record<string, object> }>;
}

/** The map needs no servers to be read. */
const operations = operationsOf({ stores: {}, views: recordViews } as unknown as Context);
const document = openApiOf(operations);
const described = (id: string): Described =>
  Object.values(document.paths ?? {})
    .flatMap((item) => Object.values(item as Record<string, Described>))
    .find(({ operationId }) => operationId === id)!;
const key = (id: string) => described(id).parameters?.find(({ name }) => name === 'Idempotency-Key');

describe('the document for generated clients', () => {
  test('has the Idempotency-Key where it is read', () => {
    expect(key('reportDeployment')).toMatchObject({ in: 'header', required: true });
    for (const id of ['pausePlan', 'completeTask', 'retryStep', 'attest', 'askForWaiver', 'createToken'])
      expect([id, key(id)?.in, key(id)?.required ?? false]).toEqual([id, 'header', false]);
    expect(key('listTasks')).toBeUndefined();
  });

  test('has every status that is answered', () => {
    const statuses = (id: string): string[] => Object.keys(described(id).responses);

    expect(statuses('pausePlan')).toEqual(['200', '202', 'default']);
    expect(statuses('ready')).toEqual(['200', '304', '503', 'default']);
    expect(statuses('receiveGithub')).toEqual(['200', '202', 'default']);
    expect(statuses('revokeToken')).toEqual(['204', 'default']);
    expect(described('pausePlan').responses['202']!.headers).toHaveProperty('Location');
    expect(Object.keys(described('pausePlan').responses['default']!.headers ?? {})).toEqual([
      'Allow',
      'Retry-After',
      'WWW-Authenticate',
    ]);
    expect(described('consentToCloudEvents').responses['200']!.headers).toHaveProperty('WebHook-Allowed-Origin');
  });

  test('has a body of every answer that has one, in its content type', () => {
    const types: Record<string, string> = {
      readCalendar: 'text/calendar',
      readStatusFeed: 'application/atom+xml',
      metrics: 'text/plain',
      showPerformanceReportAsText: 'text/markdown',
      showPerformanceReportAsPage: 'text/html',
    };
    const typeOf = (status: string, id: string): string =>
      status === 'default' ? 'application/problem+json' : (types[id] ?? 'application/json');
    const silent = ['consentToCloudEvents', 'receivePrometheus', 'receiveSlack'];
    const answers = Object.values(document.paths ?? {})
      .flatMap((item) => Object.values(item as Record<string, Described>))
      .flatMap(({ operationId: id, responses }) =>
        Object.entries(responses).map(([status, said]) => ({ id, status, said })),
      )
      .filter(({ id, status }) => !['204', '304'].includes(status) && !(silent.includes(id) && status === '200'));

    expect(answers.map(({ id, status, said }) => [id, status, Object.keys(said.content ?? {})])).toEqual(
      answers.map(({ id, status }) => [id, status, [typeOf(status, id)]]),
    );
  });

  test('says what senders send, and how they prove themselves', () => {
    expect(described('receiveGithub').security).toEqual([{ githubSignature: [] }]);
    expect(described('receiveCloudEvents').security).toEqual([{ sourceSecret: [] }]);
    expect(Object.keys(described('receiveCloudEvents').requestBody!.content)).toContain('application/cloudevents+json');
    expect(Object.keys(described('receiveGithub').requestBody!.content)).toContain('application/json');
    expect(described('receiveSlack').security).toEqual([{ slackSignature: [] }]);
    expect(Object.keys(document.components?.securitySchemes ?? {})).toEqual(
      expect.arrayContaining(['token', 'githubSignature', 'slackSignature', 'sourceSecret']),
    );
  });

  test('says what is wrong, one by one', () => {
    expect(document.components?.schemas?.['Problem']).toMatchObject({
      properties: { errors: { items: { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/Fault' }] } } },
    });
  });

  test('calls every time by its format', () => {
    const without: string[] = [];
    const walk = (part: unknown, place: string): void => {
      if (typeof part !== 'object' || part === null) return;
      for (const [name, value] of Object.entries(part)) {
        if (
          place.endsWith('.properties') &&
          name.endsWith('At') &&
          !JSON.stringify(value).includes('"format":"date-time"')
        )
          without.push(`${place}.${name}`);
        walk(value, `${place}.${name}`);
      }
    };
    walk(document, '');

    expect(without).toEqual([]);
    expect(JSON.stringify(document).match(/"format":"date-time"/g)!.length).toBeGreaterThan(20);
  });

  test('has a pattern of durations that fits those that are taken', () => {
    const { pattern } = document.components!.schemas!['Duration'] as { pattern: string };
    const fits = (text: string): boolean => new RegExp(pattern, 'u').test(text);

    for (const text of ['90s', '1h 30m', '2 days', '1.5h', 'PT15M', 'P1DT2H', 'p1w', 'PT0.5S', '500ms'])
      expect([text, fits(text), Duration.safeParse(text).success]).toEqual([text, true, true]);
    for (const text of ['', '90', 'P', 'PT', 'P1DT', '1 month', 'soon', '1h!', 'P1M', '-5m', '5mx'])
      expect([text, fits(text), Duration.safeParse(text).success]).toEqual([text, false, false]);
  });
});
