import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertmanagerBody } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

/** What all who send alerts have in common, whatever they write. */
let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const group = alertmanagerBody({ labels: { severity: 'info' } });
const senders = [
  { format: 'alertmanager', source: 'monitoring', path: '', body: group, hopeless: '{"payload": "of my own"}' },
  {
    format: 'prometheus',
    source: 'prometheus',
    path: '/api/v2/alerts',
    body: JSON.stringify([{ labels: { alertname: 'Slow', service: 'checkout', severity: 'info' } }]),
    hopeless: '{"alerts": []}',
  },
  { format: 'grafana', source: 'grafana', path: '', body: group.replace('"4"', '"1"'), hopeless: '[]' },
  {
    format: 'kubernetes',
    source: 'cluster',
    path: '',
    body: JSON.stringify({ regarding: { kind: 'Pod', name: 'checkout-1', uid: 'u1' }, reason: 'Started' }),
    hopeless: '{"kind": "Pod"}',
  },
  {
    format: 'events',
    source: 'own',
    path: '',
    body: JSON.stringify({ title: 'All is well', service: 'checkout', severity: 'info' }),
    hopeless: '{"titel": "All is well"}',
  },
] as const;

describe.each(senders)('$format', ({ format, source, path, body, hopeless }) => {
  const send = async (
    sent: string,
    {
      headers = {},
      to = source,
      method = 'POST',
    }: { headers?: Record<string, string>; to?: string; method?: string } = {},
  ) => {
    const reply = await fetch(`${ops.url}/v1/hooks/${format}/${to}${path}`, {
      method,
      body: sent,
      headers: { authorization: 'Bearer events-secret', 'content-type': 'application/json', ...headers },
    });
    const text = await reply.text();
    return { status: reply.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const alerts = async () => (await ops.as('cid')('GET', `/v1/alerts?source=${source}`)).body.items;
  const dead = async () => {
    const { items } = (await ops.as('cid')('GET', '/v1/inbox?state=dead&limit=200')).body;
    return items.filter((row) => row['source'] === source);
  };

  test('is heard with the secret, as bearer or as a password, and again says the same', async () => {
    const basic = `Basic ${Buffer.from('anybody:events-secret').toString('base64')}`;
    const first = await send(body);
    const again = await send(body, { headers: { authorization: basic } });

    expect([first.status, again.status]).toEqual(format === 'prometheus' ? [200, 200] : [202, 202]);
    expect(again.body).toEqual(first.body);
    await expect.poll(alerts).toMatchObject([{ isFiring: true }]);
  });

  test.each([
    ['the wrong secret', { authorization: 'Bearer wrong' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['none', { authorization: '' }],
  ])('is refused with %s, whatever it sends, and nothing is kept', async (_what, headers) => {
    const before = await dead();

    expect((await send(body, { headers })).status).toBe(401);
    expect((await send(hopeless, { headers })).status).toBe(401);
    expect(await dead()).toEqual(before);
  });

  test('is not there under a name of nobody, or of another format', async () => {
    expect((await send(body, { to: 'nobody' })).status).toBe(404);
    expect((await send(body, { to: 'github' })).status).toBe(404);
  });

  test('is not read when it is too large', async () => {
    expect((await send(' '.repeat(10 * 1024 * 1024 + 1))).status).toBe(413);
  });

  test.each([
    ['a body of another shape', hopeless],
    ['no JSON', '{"half": '],
    ['no text', ''],
  ])('that sends %s is told, and it is kept once with the reason', async (_what, sent) => {
    const before = (await dead()).length;

    const reply = await send(sent);
    await send(sent);

    expect(reply.status).toBe(400);
    expect(await dead()).toHaveLength(before + 1);
    expect((await dead())[0]).toMatchObject({ verdict: { reason: reply.body['detail'] } });
  });

  test('by another method is not taken, unless it may be', async () => {
    expect((await send(body, { method: 'PUT' })).status).toBe(format === 'grafana' ? 202 : 405);
    expect((await send(body, { method: 'PATCH' })).status).toBe(405);
  });

  test('is told to stop once its source is retired', async () => {
    const { yaml } = (await ops.as('admin')('GET', `/v1/catalogue/Source/${source}`)).body;
    const text = String(yaml).replace('retired: false', 'retired: true');
    await ops.as('admin')('POST', '/v1/catalogue', { files: [{ path: 'x.yaml', text }] });

    expect((await send(body)).status).toBe(410);
    await ops.apply();
  });
});

describe('Grafana', () => {
  const body = group.replace('"4"', '"1"');
  const hmac = (text: string) => createHmac('sha256', 'events-secret').update(text).digest('hex');
  const now = () => String(Math.floor(Date.now() / 1_000));
  const send = async (headers: Record<string, string>) =>
    (await fetch(`${ops.url}/v1/hooks/grafana/grafana`, { method: 'PUT', body, headers })).status;

  test('may sign instead, with a time or without, and a signature that is wrong is no secret', async () => {
    const time = now();
    const old = String(Number(time) - 600);

    expect(await send({ 'x-grafana-alerting-signature': hmac(body) })).toBe(202);
    expect(
      await send({ 'x-grafana-alerting-signature': hmac(`${time}:${body}`), 'x-grafana-alerting-timestamp': time }),
    ).toBe(202);
    expect(
      await send({ 'x-grafana-alerting-signature': hmac(`${old}:${body}`), 'x-grafana-alerting-timestamp': old }),
    ).toBe(401);
    expect(await send({ 'x-grafana-alerting-signature': hmac('else'), authorization: 'Bearer events-secret' })).toBe(
      401,
    );
  });
});
