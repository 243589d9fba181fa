import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newestIncident } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const routing_key = 'events-secret';
const payload = { summary: 'Disk is full', source: 'db-1', severity: 'critical' };

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const reply = await fetch(`${ops.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
};
const enqueue = (event: object | string) =>
  post('/v2/enqueue', typeof event === 'string' ? event : { routing_key, ...event });
const trigger = (dedup_key?: string) => enqueue({ event_action: 'trigger', dedup_key, payload });
const resolve = (dedup_key: string) => enqueue({ event_action: 'resolve', dedup_key });
const change = (event: object) => post('/v2/change/enqueue', { routing_key, ...event });

const alerts = async (): Promise<Record<string, unknown>[]> =>
  (await ops.as('cid')('GET', '/v1/alerts?source=pager')).body.items;
/** What was kept of a source, the newest first. */
const inbox = async (source = 'pager') => {
  const { rows } = await sql<{ name: string; state: string; verdict: unknown; body: Buffer }>`
    select name, state, verdict, body from inbox where source = ${source} order by received_at desc`.execute(ops.db);
  return rows;
};

const setSource = (spec: object) =>
  ops.as('admin')('POST', '/v1/catalogue', {
    files: [
      {
        path: 'pager.yaml',
        text: JSON.stringify({
          apiVersion: 'evenkeel/v1',
          kind: 'Source',
          metadata: { name: 'pager' },
          spec: {
            format: 'pagerduty',
            team: 'shop',
            secrets: ['events'],
            ...spec,
          },
        }),
      },
    ],
  });

describe('a monitor that pages through PagerDuty', () => {
  test('is answered as PagerDuty answers, and its alert is an incident that ends with it', async () => {
    expect(await trigger('db-1/disk')).toEqual({
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: 'db-1/disk' },
    });

    const incident = await newestIncident(ops);
    await incident.until(({ alerts: { firing } }) => firing === 1);
    expect(await alerts()).toMatchObject([{ service: 'checkout', title: 'Disk is full', isFiring: true }]);

    await resolve('db-1/disk');
    await incident.until(({ alerts: { firing } }) => firing === 0);
  });

  test('that sends the same bytes again after the end fires again, however fast', async () => {
    for (let round = 0; round < 20; round += 1) {
      await Promise.all([trigger('again'), resolve('again')]);
    }
    // What comes at once has no order; what comes after has.
    await resolve('again');
    const again = async () => (await alerts()).filter(({ labels }) => labels).at(0);
    await expect.poll(async () => (await again())?.['isFiring']).toBe(false);
    await trigger('again');
    await expect.poll(async () => (await again())?.['isFiring']).toBe(true);
    await resolve('again');
    await expect.poll(async () => (await again())?.['isFiring']).toBe(false);
  });

  test('and says a time ahead of ours, ends when its end comes', async () => {
    const timestamp = new Date(Date.now() + 3_600_000).toISOString();
    await enqueue({
      event_action: 'trigger',
      dedup_key: 'ahead',
      payload: { ...payload, timestamp, summary: 'Ahead' },
    });
    const ahead = async () => (await alerts()).find(({ annotations }) => 'timestamp' in (annotations as object));
    await expect.poll(ahead).toMatchObject({ isFiring: true });

    await resolve('ahead');

    await expect
      .poll(async () => (await alerts()).filter(({ title }) => title === 'Ahead' || title === 'ahead'))
      .toMatchObject([{ isFiring: false }]);
  });

  test('without a key opens a new alert each time, and is told the keys', async () => {
    const before = (await alerts()).length;

    const keys = [await trigger(), await trigger('')].map(({ body }) => String(body['dedup_key']));

    expect(new Set(keys).size).toBe(2);
    await expect.poll(async () => (await alerts()).length).toBe(before + 2);
    await Promise.all(keys.map(resolve));
    await expect.poll(async () => (await alerts()).filter(({ isFiring }) => isFiring)).toEqual([]);
  });

  test('acknowledges as a note, unless its source may do more', async () => {
    await trigger('acked');
    await expect.poll(async () => (await alerts())[0]).toMatchObject({ isFiring: true });
    const fingerprint = String((await alerts())[0]?.['fingerprint']);
    const acknowledge = () => enqueue({ event_action: 'acknowledge', dedup_key: 'acked' });
    const acknowledgedAt = async () => (await ops.stores.alerts.find(fingerprint))?.state.acknowledgedAt;

    expect((await acknowledge()).status).toBe(202);
    expect((await inbox())[0]).toMatchObject({ name: 'pagerduty.acknowledge' });
    expect(await acknowledgedAt()).toBeUndefined();

    await setSource({ alerts: { acknowledges: true, service: { default: 'checkout' } } });
    await acknowledge();
    await expect.poll(acknowledgedAt).toEqual(expect.any(String));
    await ops.apply();
    await resolve('acked');
  });

  test.each([
    ['a key that nobody has', { routing_key: 'nobody' }, ["'routing_key' is missing, or nobody has it"]],
    ['no key', { routing_key: undefined }, ["'routing_key' is missing, or nobody has it"]],
    ['no JSON', '{"routing_key": "events-secret"', [expect.stringContaining('not JSON')]],
    ['only depth', '['.repeat(400_000), [expect.stringContaining('not JSON')]],
  ])('is refused, and nothing of it is kept, with %s', async (_what, event, errors) => {
    const before = await inbox();

    expect(await enqueue(typeof event === 'string' ? event : { ...event, event_action: 'trigger', payload })).toEqual({
      status: 400,
      body: { status: 'invalid event', message: 'Event object is invalid', errors },
    });
    expect(await inbox()).toEqual(before);
  });

  test('with a mistake in it hears of each, and what it sent is kept without its key', async () => {
    const refused = await enqueue({ event_action: 'trigger', payload: { summary: '' } });

    expect(refused).toMatchObject({
      status: 400,
      body: { status: 'invalid event', errors: expect.arrayContaining(["'payload.source' is missing or is no text"]) },
    });
    const [dead, ...others] = await inbox();
    expect(dead).toMatchObject({
      state: 'dead',
      verdict: { reason: expect.stringContaining('payload.summary') },
    });
    expect([dead!, ...others].filter(({ body }) => body.includes(routing_key))).toEqual([]);
  });

  test('is not read when it sends more than a megabyte', async () => {
    expect((await enqueue(' '.repeat(1024 * 1024 + 1))).status).toBe(413);
  });

  test('of a source that is retired is told to stop', async () => {
    await setSource({ retired: true });
    expect(await trigger('late')).toMatchObject({ status: 410, body: { message: expect.stringContaining('retired') } });
    await ops.apply();
  });
});

describe('a change', () => {
  const told = { payload: { summary: 'v7 is out', timestamp: '2026-11-28T09:00:00.5Z' } };
  const list = async (query = '') => (await ops.as('vic')('GET', `/v1/changes?source=pager${query}`)).body;

  test('is kept once, in the names of the catalogue, and pages nobody', async () => {
    const body = {
      ...told,
      payload: { ...told.payload, custom_details: { service: 'shop-api', environment: 'staging' } },
      links: [{ href: 'https://ci.example.org/7' }],
    };
    expect(await change(body)).toEqual({
      status: 202,
      body: { status: 'success', message: 'Change event processed' },
    });
    await change(body);

    expect((await list()).items).toEqual([
      {
        id: expect.any(String),
        source: 'pager',
        team: 'shop',
        service: 'checkout',
        environment: 'staging',
        summary: 'v7 is out',
        at: '2026-11-28T09:00:00.500Z',
        link: 'https://ci.example.org/7',
      },
    ]);
    expect((await ops.as('eva')('GET', '/v1/changes')).body.items).toEqual([]);
  });

  test('of which there are many comes by pages, the latest first', async () => {
    await change({ payload: { summary: 'Now' } });
    await change({ payload: { summary: 'Now' } });

    const first = await list('&limit=2');
    const rest = await list(`&limit=2&after=${String(first['next'])}`);

    expect([...first.items, ...rest.items].map(({ summary }) => summary)).toEqual(['Now', 'Now', 'v7 is out']);
    expect((await list('&environment=staging')).items).toHaveLength(1);
  });

  test('is dropped when its days are over', async () => {
    await sql`update change set received_at = now() - interval '25 hours' where summary = 'v7 is out'`.execute(ops.db);

    expect(await ops.stores.changes.keepDays(1)).toBe(1);
    expect((await list()).items.map(({ summary }) => summary)).toEqual(['Now', 'Now']);
  });

  test('without a summary is a dead letter', async () => {
    expect((await change({ payload: {} })).status).toBe(400);
    expect((await change({ routing_key: 'nobody', ...told })).status).toBe(400);
  });
});

describe('a webhook of PagerDuty', () => {
  const event = {
    event: { id: 'E1', event_type: 'incident.acknowledged', data: { type: 'incident', incident_key: 'x' } },
  };
  const send = (body: string, id: string, secret = 'events-secret') =>
    post('/v1/hooks/pagerduty/pages', body, {
      'x-webhook-id': id,
      'x-pagerduty-signature': `v1=${'0'.repeat(64)},v1=${createHmac('sha256', secret).update(body).digest('hex')}`,
    });

  test('is taken once, whatever it tells, so long as it is signed', async () => {
    const first = await send(JSON.stringify(event), 'W1');
    const odd = await send('{"event": 7', 'W2');

    expect([first.status, odd.status]).toEqual([202, 202]);
    expect((await send(JSON.stringify(event), 'W1')).body).toEqual(first.body);
    expect(odd.body['note']).toContain('not JSON');
    expect((await inbox('pages')).map(({ name }) => name)).toEqual(['pagerduty.unknown', 'pagerduty.acknowledged']);
  });

  test('is refused with another signature, and is not there under another name', async () => {
    expect((await send(JSON.stringify(event), 'W3', 'wrong')).status).toBe(401);
    // A source of routing keys signs nothing.
    expect((await post('/v1/hooks/pagerduty/pager', event)).status).toBe(404);
  });
});
