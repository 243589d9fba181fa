import { afterAll, beforeAll, expect, test } from 'vitest';
import { asFiles, document } from '../support/company.ts';
import { alertmanagerBody } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
  const old = document('Source', 'old', { format: 'alertmanager', team: 'shop', secrets: ['events'], retired: true });
  await ops.as('admin')('POST', '/v1/catalogue', { files: asFiles([old]) });
});
afterAll(() => ops.stop());

const send = async (path: string, body: string, secret: string, isStream: boolean) => {
  const answer = await fetch(`${ops.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    // Whose length nobody knows goes the long way.
    body: isStream ? new Blob([body]).stream() : body,
    ...(isStream ? { duplex: 'half' as const } : {}),
  });
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'date'));
  return { status: answer.status, headers, body: await answer.text() };
};

const good = alertmanagerBody({});
const event = JSON.stringify({
  routing_key: 'events-secret',
  event_action: 'trigger',
  dedup_key: 'one',
  payload: { summary: 'Slow', source: 'web-1', severity: 'warning' },
});

test.each([
  ['what is taken', 202, '/v1/hooks/alertmanager/monitoring', good, 'events-secret'],
  ['what is answered with nothing', 200, '/v1/hooks/prometheus/prometheus/api/v2/alerts', '[]', 'events-secret'],
  ['what PagerDuty would take', 202, '/v2/enqueue', event, ''],
  ['a key that nobody has', 400, '/v2/enqueue', event.replace('events-secret', 'another'), ''],
  ['a wrong secret', 401, '/v1/hooks/alertmanager/monitoring', good, 'another'],
  ['a source that is not there', 404, '/v1/hooks/alertmanager/nowhere', good, 'events-secret'],
  ['a source of another format', 404, '/v1/hooks/grafana/monitoring', good, 'events-secret'],
  ['a path that is not there', 404, '/v1/hooks/nagios/monitoring', good, 'events-secret'],
  ['a name in capitals', 404, '/v1/hooks/alertmanager/Monitoring', good, 'events-secret'],
  ['a query', 422, '/v1/hooks/alertmanager/monitoring?dry=1', good, 'events-secret'],
  ['a source that is retired', 410, '/v1/hooks/alertmanager/old', good, 'events-secret'],
  ['a body that is hopeless', 400, '/v1/hooks/alertmanager/monitoring', '{"version":"3"}', 'events-secret'],
  ['a body that is no JSON', 400, '/v1/hooks/alertmanager/monitoring', '{', 'events-secret'],
  ['no body', 400, '/v1/hooks/alertmanager/monitoring', '', 'events-secret'],
])('%s is answered the same by the short way and by the long one', async (_, status, path, body, secret) => {
  const [short, long] = [await send(path, body, secret, false), await send(path, body, secret, true)];

  expect(short.status).toBe(status);
  expect(short).toEqual(long);
  expect(short.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
});

test('a body that is too large is refused by either way', async () => {
  const body = ' '.repeat(10 * 1024 * 1024 + 1);

  expect((await send('/v1/hooks/alertmanager/monitoring', body, 'events-secret', false)).status).toBe(413);
});
