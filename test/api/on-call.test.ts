import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asFiles, document } from '../support/company.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
const rota = document('Schedule', 'rota', {
  zone: 'Europe/Berlin',
  layers: [{ start: '2036-03-03T09:00', turn: { every: 1, unit: 'weeks' }, people: ['cid', 'ana'] }],
});
const night = document('Schedule', 'night', {
  zone: 'UTC',
  layers: [
    {
      start: '2026-01-01T00:00',
      turn: { every: 1, unit: 'weeks' },
      people: ['eva'],
      restrictions: [{ from: '20:00', until: '08:00' }],
    },
  ],
});
beforeAll(async () => {
  ops = await startOps();
  const files = asFiles([
    rota,
    night,
    document('Team', 'shop', {
      schedule: 'rota',
      members: [
        { person: 'ana', role: 'approver' },
        { person: 'cid', role: 'operator' },
        { person: 'dan', role: 'responder' },
        { person: 'vic', role: 'viewer' },
      ],
    }),
  ]);
  await ops.as('admin')('POST', '/v1/catalogue', { files });
});
afterAll(() => ops.stop());

const get = (who: string, path: string) => ops.as(who)('GET', path);
const time = { from: '2036-03-04T09:00:00Z', until: '2036-03-04T17:00:00Z' };
const wish = { ...time, person: 'dan', reason: 'a journey' };
const ask = (who: string, more: object = {}) =>
  ops.as(who)('POST', '/v1/schedules/rota/overrides', { ...wish, ...more });
const answer = (who: string, id: string, verb: string, body?: object) =>
  ops.as(who)('POST', `/v1/overrides/${id}/${verb}`, body);
const onCall = async (at: string): Promise<unknown> =>
  (await get('vic', `/v1/schedules/rota/on-call?at=${at}`)).body['person'];

describe('any viewer sees', () => {
  test('who is on call, in one schedule or in each', async () => {
    const one = await get('vic', '/v1/schedules/rota/on-call?at=2036-03-04T09:00:00Z');
    const all = await get('eva', '/v1/on-call?at=2036-03-04T09:00:00Z');
    const none = await get('vic', '/v1/schedules/rota/on-call');

    expect(one.body).toEqual({
      schedule: 'rota',
      at: '2036-03-04T09:00:00.000Z',
      person: 'cid',
      layer: 1,
      until: '2036-03-10T08:00:00.000Z',
    });
    expect(all.body.items.map(({ schedule, person }) => [schedule, person])).toEqual([
      ['night', null],
      ['rota', 'cid'],
    ]);
    expect(none.body['person']).toBeNull();
  });

  test('shifts, at most 92 days of them', async () => {
    const shifts = (query: string) => get('vic', `/v1/schedules/rota/shifts?${query}`);

    expect((await shifts('from=2036-03-05T00:00:00Z&until=2036-03-12T00:00:00Z')).body.items).toEqual([
      { person: 'cid', from: '2036-03-05T00:00:00.000Z', until: '2036-03-10T08:00:00.000Z', layer: 1 },
      { person: 'ana', from: '2036-03-10T08:00:00.000Z', until: '2036-03-12T00:00:00.000Z', layer: 1 },
    ]);
    expect(await shifts('from=2036-01-01T00:00:00Z&until=2036-05-01T00:00:00Z')).toMatchObject({
      status: 422,
      body: { detail: 'until: expected at most 92 days after from' },
    });
    expect((await shifts('from=2036-03-05T00:00:00Z&until=2036-03-04T00:00:00Z')).status).toBe(422);
  });

  test('when nobody is on call', async () => {
    const { body } = await get('vic', '/v1/on-call/gaps?days=3');

    expect(body.items.filter(({ schedule }) => schedule === 'rota')).toHaveLength(1);
    const nights = body.items.filter(({ schedule }) => schedule === 'night');
    expect(nights.length).toBeGreaterThanOrEqual(3);
    expect(nights.slice(1, 3).map(({ from }) => String(from).slice(11, 16))).toEqual(['08:00', '08:00']);
    expect((await get('vic', '/v1/on-call/gaps?days=93')).status).toBe(422);
  });

  test('no schedule that there is not', async () => {
    for (const path of ['on-call', 'overrides', 'shifts?from=2036-03-05T00:00:00Z&until=2036-03-06T00:00:00Z'])
      expect([path, (await get('vic', `/v1/schedules/nobody/${path}`)).status]).toEqual([path, 404]);
  });
});

describe('an override', () => {
  test('counts once it is accepted, and both are notified', async () => {
    const asked = await ask('cid');
    expect([asked.status, asked.body['status']]).toEqual([201, 'asked']);
    expect(await onCall('2036-03-04T10:00:00Z')).toBe('cid');

    expect((await answer('dan', asked.body.id, 'accept')).body['status']).toBe('accepted');
    expect(await onCall('2036-03-04T10:00:00Z')).toBe('dan');
    expect((await get('vic', '/v1/schedules/rota/overrides')).body.items[0]!.id).toBe(asked.body.id);
    expect(await ops.mails()).toEqual(
      expect.arrayContaining([
        { to: 'dan@example.org', subject: 'cid asks you to be on call for rota' },
        { to: 'cid@example.org', subject: 'dan has accepted an override of rota' },
      ]),
    );

    expect((await answer('cid', asked.body.id, 'withdraw', { reason: 'no journey' })).body['status']).toBe('withdrawn');
    expect(await onCall('2036-03-04T10:00:00Z')).toBe('cid');
  });

  test('takes effect at once for whoever asks for themselves', async () => {
    const { body } = await ask('dan');
    expect([body['status'], await onCall('2036-03-04T10:00:00Z')]).toEqual(['accepted', 'dan']);
    await answer('dan', body.id, 'withdraw');
  });

  test('that is a swap counts both ways', async () => {
    const inReturn = { from: '2036-03-12T09:00:00Z', until: '2036-03-12T17:00:00Z' };
    const { body } = await ask('cid', { person: 'ana', inReturn });
    await answer('ana', body.id, 'accept');

    expect(await onCall('2036-03-04T10:00:00Z')).toBe('ana');
    expect(await onCall('2036-03-12T10:00:00Z')).toBe('cid');
    await answer('cid', body.id, 'withdraw');
  });

  test.each([
    ['a turn of somebody else', {}, 'cid', 'cid is not on call for all of'],
    [
      'a turn that the other has not',
      { inReturn: { from: time.from, until: time.until } },
      'cid',
      'ana is not on call for all of',
    ],
  ])('that is a swap does not give away %s', async (_, more, who, why) => {
    const days = { from: '2036-03-12T09:00:00Z', until: '2036-03-12T17:00:00Z' };
    const turn = 'inReturn' in more ? {} : days;
    const { status, body } = await ask(who, { person: 'ana', inReturn: days, ...turn, ...more });

    expect([status, body.detail]).toEqual([422, expect.stringContaining(why)]);
  });

  test('is asked once for each Idempotency-Key', async () => {
    const send = () => ops.as('cid')('POST', '/v1/schedules/rota/overrides', wish, { 'idempotency-key': 'journey' });
    const [first, again] = [await send(), await send()];

    expect(again.body).toEqual(first.body);
    expect((await answer('dan', first.body.id, 'decline', { reason: 'busy' })).body['status']).toBe('declined');
  });

  test.each([
    ['by somebody of another team', 'eva', {}, 403, 'eva is neither in schedule rota nor in a team that uses it'],
    ['by a viewer', 'vic', {}, 403, 'this needs the role responder'],
    ['by a pipeline', 'pipeline', {}, 403, 'only a person with a personal token'],
    ['of somebody of another team', 'cid', { person: 'eva' }, 422, 'eva is neither in schedule rota'],
    ['of a time that is over', 'cid', { from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' }, 422, 'is over'],
    ['of a time that ends before it begins', 'cid', { until: time.from, from: time.until }, 422, 'after from'],
  ])('is not asked %s', async (_, who, more, status, why) => {
    const reply = await ask(who, more);
    expect([reply.status, reply.body.detail]).toEqual([status, expect.stringContaining(why)]);
  });

  test('is answered by whoever is asked and nobody else, and withdrawn by whoever asked', async () => {
    const { body } = await ask('cid');
    const statuses = async (verb: string) =>
      Promise.all(['ana', 'cid', 'eva', 'pipeline'].map(async (who) => (await answer(who, body.id, verb)).status));

    expect(await statuses('accept')).toEqual([403, 403, 403, 403]);
    expect(await statuses('decline')).toEqual([403, 403, 403, 403]);
    expect((await answer('dan', body.id, 'withdraw')).status).toBe(403);
    expect((await answer('dan', crypto.randomUUID(), 'accept')).status).toBe(404);
    const lent = await ops.stores.tokens.create(
      crypto.randomUUID(),
      {
        kind: 'personal',
        holder: 'dan',
        scope: 'responder',
        expiresAt: '2040-01-01T00:00:00Z',
        createdBy: { type: 'person', name: 'cid' },
      },
      { type: 'person', name: 'cid' },
      new Date().toISOString(),
    );
    const reply = await fetch(`${ops.url}/v1/overrides/${body.id}/accept`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lent.secret}` },
    });
    expect(reply.status).toBe(403);
  });
});

describe('a calendar', () => {
  const create = async (who: string, of: object): Promise<{ id: string; path: string }> => {
    const { status, body } = await ops.as(who)('POST', '/v1/calendars', of);
    expect(status).toBe(201);
    return { id: (body['calendar'] as { id: string }).id, path: String(body['path']) };
  };
  const read = (path: string, headers: Record<string, string> = {}) => fetch(`${ops.url}${path}`, { headers });

  test('is read by its address alone, until it is revoked', async () => {
    const { id, path } = await create('vic', { schedule: 'night' });
    const reply = await read(path);

    expect(path).toMatch(/^\/v1\/calendars\/[\w-]{43}\.ics$/);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8']);
    const text = await reply.text();
    expect(text).toMatch(/^BEGIN:VCALENDAR\r\n/);
    expect(text).toContain('SUMMARY:eva: on call for night\r\n');
    expect(
      (await read(path, { 'if-none-match': reply.headers.get('etag')!, 'cache-control': 'max-age=0' })).status,
    ).toBe(304);
    expect((await fetch(`${ops.url}${path}`, { method: 'POST' })).status).toBe(405);
    expect((await read(`/v1/calendars/${'x'.repeat(43)}.ics`)).status).toBe(404);

    expect((await ops.as('cid')('POST', `/v1/calendars/${id}/revoke`)).status).toBe(404);
    expect((await get('cid', '/v1/calendars')).body.items).toEqual([]);
    expect((await get('vic', '/v1/calendars')).body.items.map((item) => item.id)).toEqual([id]);
    expect((await ops.as('vic')('POST', `/v1/calendars/${id}/revoke`)).status).toBe(200);
    expect((await read(path)).status).toBe(404);
  });

  test('of a person has their shifts of all schedules, with what they have taken over', async () => {
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const later = new Date(Date.now() + 90_000_000).toISOString();
    const { path } = await create('cid', { person: 'me' });
    const before = await read(path);
    const { body } = await ask('cid', { from: soon, until: later, person: 'cid' });
    const after = await read(path);

    expect(await before.text()).not.toContain('BEGIN:VEVENT');
    expect(await after.text()).toContain('SUMMARY:On call: rota\r\n');
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    await answer('cid', body.id, 'withdraw');
  });

  test('belongs to a person who is in a team, and to nobody else', async () => {
    const status = async (who: string, of: object) => (await ops.as(who)('POST', '/v1/calendars', of)).status;

    expect(await status('pipeline', { schedule: 'rota' })).toBe(403);
    expect(await status('admin', { schedule: 'rota' })).toBe(403);
    expect(await status('aud', { schedule: 'rota' })).toBe(201);
    expect(await status('vic', { schedule: 'nobody' })).toBe(422);
    expect(await status('vic', { person: 'cid' })).toBe(422);
    expect((await get('admin', '/v1/calendars')).body.items.length).toBeGreaterThan(0);
    expect((await get('pipeline', '/v1/calendars')).body.items).toEqual([]);
  });

  test('ends when its owner is in no team any more', async () => {
    const { path } = await create('eva', { schedule: 'night' });
    const other = (person: string) =>
      ops.as('admin')('POST', '/v1/catalogue', {
        files: asFiles([document('Team', 'other', { members: [{ person, role: 'admin' }] })]),
      });

    expect((await read(path)).status).toBe(200);
    await other('ben');
    expect((await read(path)).status).toBe(404);
    await other('eva');
  });
});
