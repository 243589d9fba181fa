import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monitoringOf, newestIncident } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const event = { title: 'The queue grows', service: 'checkout', environment: 'production', severity: 'critical' };
const report = (body: unknown, who = 'cid', key?: string) =>
  ops.as(who)('POST', '/v1/events', body, key === undefined ? {} : { 'idempotency-key': key });
const alerts = async (source = 'api/person/cid') =>
  (await ops.as('cid')('GET', `/v1/alerts?source=${source}`)).body.items;

describe('an event that somebody reports', () => {
  test('is an alert in the place that it names, and an incident, until it is reported as resolved', async () => {
    const reply = await report(event);

    expect([reply.status, reply.body.accepted]).toEqual([202, [expect.any(String)]]);
    const incident = await newestIncident(ops);
    await incident.until(({ alerts: { firing } }) => firing === 1);
    expect(await alerts()).toMatchObject([
      { service: 'checkout', environment: 'production', severity: 'critical', gap: null, isFiring: true },
    ]);

    await report({ ...event, status: 'resolved' });
    await incident.until(({ alerts: { firing } }) => firing === 0);
  });

  test('again after its end fires again, but not when the same request is sent again', async () => {
    const queue = { ...event, title: 'Once more' };
    const once = async () => (await alerts()).find(({ title }) => title === 'Once more');
    const key = crypto.randomUUID();
    const first = await report(queue, 'cid', key);
    await report({ ...queue, status: 'resolved' });
    await expect.poll(once).toMatchObject({ count: 2, isFiring: false });

    const again = await report(queue, 'cid', key);
    expect(again.body).toEqual(first.body);
    await expect.poll(once).toMatchObject({ count: 3, isFiring: false });

    await report(queue);
    await expect.poll(once).toMatchObject({ isFiring: true });
    expect((await report({ ...queue, title: 'Other' }, 'cid', key)).status).toBe(409);
    await report({ ...queue, status: 'resolved' });
  });

  test('may come with others, and with times of its own', async () => {
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    const sentAt = new Date().toISOString();
    const reply = await report({
      events: [
        { ...event, key: 'a', severity: 'warning', startedAt: '2026-11-28T10:00:00+01:00' },
        { ...event, key: 'b', status: 'resolved', startedAt: ahead },
        { ...event, key: 'c', severity: 'info', service: 'orphan', environment: undefined },
      ],
    });

    expect(reply.body.accepted).toHaveLength(1);
    const told = async () => (await alerts()).filter(({ count }) => count === 1);
    await expect
      .poll(told)
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ firingSince: '2026-11-28T09:00:00.000Z', class: 'warning' }),
          expect.objectContaining({ isFiring: false, endedAt: expect.any(String) }),
          expect.objectContaining({ service: 'orphan', environment: null, class: 'informational' }),
        ]),
      );
    // A clock that runs ahead is not believed.
    const endedAt = String((await told()).find((each) => each['endedAt'] !== null)?.['endedAt']);
    expect(endedAt >= sentAt && endedAt < ahead).toBe(true);
  });

  test.each([
    ['no title', { service: 'checkout' }, 422, 'title'],
    ['an unknown field', { ...event, colour: 'red' }, 422, 'colour'],
    ['a severity that is none', { ...event, severity: 'bad' }, 422, 'severity'],
    ['a mistake in a batch', { events: [event, { ...event, severity: 'bad' }] }, 422, 'events.1.severity'],
    ['no events', { events: [] }, 422, 'events'],
    ['no service', { title: 'Nowhere' }, 422, 'service'],
    ['a service that is not there', { events: [{ ...event, service: 'nothing' }] }, 422, 'events.0.service'],
    ['an environment that is not there', { ...event, environment: 'moon' }, 422, 'environment'],
  ])('is refused by the name of the field: %s', async (_what, body, status, field) => {
    expect(await report(body)).toMatchObject({ status, body: { field } });
  });

  test('needs a role in the team of its service', async () => {
    expect((await report(event, 'dan')).status).toBe(403);
    expect((await report(event, 'eva')).status).toBe(404);
    expect((await report(event, 'pipeline')).status).toBe(202);
    await expect.poll(() => alerts('api/service/shop/pipeline')).toMatchObject([{ service: 'checkout' }]);
  });

  test('is not read when it is too large', async () => {
    expect((await report({ ...event, title: 'x'.repeat(1024 * 1024) })).status).toBe(413);
  });
});

describe('a source of our own format', () => {
  const send = (body: unknown, source = 'own') =>
    monitoringOf(ops).send(typeof body === 'string' ? body : JSON.stringify(body), source, 'events');

  test('tells with its secret alone, and the same body again after the end fires again', async () => {
    const own = async () => (await alerts('own'))[0];
    expect((await send({ ...event, title: 'Own' })).status).toBe(202);
    await expect.poll(own).toMatchObject({ title: 'Own', service: 'checkout', isFiring: true });
    await send({ ...event, title: 'Own', status: 'resolved' });
    await expect.poll(own).toMatchObject({ isFiring: false });
    await send({ ...event, title: 'Own' });
    await expect.poll(own).toMatchObject({ isFiring: true });
    await send({ ...event, title: 'Own', status: 'resolved' });
  });

  test('is refused for what nobody can read, which is kept', async () => {
    const reply = await send({ ...event, status: 'odd' });

    expect([reply.status, await reply.json()]).toEqual([
      400,
      expect.objectContaining({ detail: 'status: expected one of firing, resolved' }),
    ]);
    const { items } = (await ops.as('cid')('GET', '/v1/inbox?state=dead')).body;
    expect(items[0]).toMatchObject({ source: 'own' });
    expect((await send(event, 'nobody')).status).toBe(404);
  });
});
