import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const id = '6f0e7f0a-6d5c-4a5e-9a59-3a7d3f6d7a10';
const span = { from: '2036-03-04T09:00:00Z', until: '2036-03-04T17:00:00Z' };
const asked = {
  id,
  status: 'asked',
  schedule: 'rota',
  ...span,
  person: 'dan',
  reason: 'x',
  askedBy: 'cid',
  askedAt: span.from,
};
const options = ['--person', 'dan', '--from', span.from, '--until', span.until, '--reason', 'a journey'];

test('who is on call is one word for one schedule, and a table for all', async () => {
  const cid = { schedule: 'rota', at: span.from, person: 'cid', layer: 1 };
  const api = await startFakeApi({
    'GET /v1/schedules/rota/on-call': { body: cid },
    'GET /v1/schedules/night/on-call': { body: { schedule: 'night', at: span.from, person: null } },
    'GET /v1/on-call?at=2036-03-04T09%3A00%3A00Z': {
      body: {
        items: [
          { ...cid, until: span.until },
          { schedule: 'night', at: span.from, person: null },
        ],
      },
    },
  });

  expect((await evenkeel(api.url, 'schedule', 'who', 'rota')).out).toBe('cid\n');
  expect((await evenkeel(api.url, 'schedule', 'who', 'night')).out).toBe('nobody is on call in night\n');
  const { out } = await evenkeel(api.url, 'schedule', 'who', '--at', span.from);
  expect(out).toMatch(/rota +cid +2036-03-04 17:00:00Z/);
  expect(out).toMatch(/night +nobody/);
});

test('shifts and gaps are shown with what they come from', async () => {
  const api = await startFakeApi({
    'GET /v1/schedules/rota/shifts?from=2036-03-04T09%3A00%3A00Z&until=2036-03-18T09%3A00%3A00.000Z': {
      body: {
        items: [
          { ...span, person: 'cid', layer: 1 },
          { ...span, person: 'dan', layer: 'override' },
        ],
      },
    },
    'GET /v1/on-call/gaps?days=14': { body: { items: [] } },
    'GET /v1/on-call/gaps?days=30': { body: { items: [{ schedule: 'rota', ...span }] } },
  });

  const { out } = await evenkeel(api.url, 'schedule', 'show', 'rota', '--from', span.from);
  expect(out).toMatch(/cid +layer 1/);
  expect(out).toMatch(/dan +override/);
  expect((await evenkeel(api.url, 'oncall', 'gaps')).out).toBe('no gaps: somebody is always on call\n');
  expect((await evenkeel(api.url, 'oncall', 'gaps', '--days', '30')).out).toMatch(/rota +2036-03-04 09:00:00Z/);
});

test('an override says how it is accepted, or that it counts', async () => {
  const accepted = { ...asked, status: 'accepted', acceptedAt: span.from };
  const api = await startFakeApi({
    'POST /v1/schedules/rota/overrides': [
      { status: 201, body: asked },
      { status: 201, body: accepted },
    ],
  });

  const first = await evenkeel(api.url, 'schedule', 'override', 'rota', ...options);
  const second = await evenkeel(api.url, 'schedule', 'override', 'rota', ...options);

  expect(first.out).toContain(`it counts once accepted: evenkeel schedule accept ${id}`);
  expect(second.out).toContain('dan is on call in rota from 2036-03-04 09:00:00Z');
  expect(api.heard[0]!.body).toEqual({ ...span, person: 'dan', reason: 'a journey' });
});

test('a swap asks for both times', async () => {
  const api = await startFakeApi({ 'POST /v1/schedules/rota/overrides': { status: 201, body: asked } });
  const theirs = ['--their-from', '2036-03-12T09:00:00Z', '--their-until', '2036-03-12T17:00:00Z'];

  expect((await evenkeel(api.url, 'schedule', 'swap', 'rota', ...options)).code).toBe(2);
  expect((await evenkeel(api.url, 'schedule', 'swap', 'rota', ...options, ...theirs)).code).toBe(0);
  expect(api.heard.map(({ body }) => body)).toEqual([
    {
      ...span,
      person: 'dan',
      reason: 'a journey',
      inReturn: { from: '2036-03-12T09:00:00Z', until: '2036-03-12T17:00:00Z' },
    },
  ]);
});

test('what was asked is accepted, declined and withdrawn by its id', async () => {
  const api = await startFakeApi({
    [`POST /v1/overrides/${id}/accept`]: { body: { ...asked, status: 'accepted', acceptedAt: span.from } },
    [`POST /v1/overrides/${id}/decline`]: { body: { ...asked, status: 'declined', declinedAt: span.from } },
    [`POST /v1/overrides/${id}/withdraw`]: { body: { ...asked, status: 'withdrawn', withdrawnAt: span.from } },
    'GET /v1/schedules/rota/overrides': { body: { items: [asked] } },
  });

  expect((await evenkeel(api.url, 'schedule', 'accept', id)).out).toContain('dan is on call in rota');
  expect((await evenkeel(api.url, 'schedule', 'decline', id, '--reason', 'busy')).out).toContain('dan has declined');
  expect((await evenkeel(api.url, 'schedule', 'withdraw', id)).out).toBe('withdrawn\n');
  expect((await evenkeel(api.url, 'schedule', 'overrides', 'rota')).out).toMatch(/asked +dan/);
  expect(api.heard[1]!.body).toEqual({ reason: 'busy' });
});

test('the address of a calendar stands alone on stdout', async () => {
  const feed = { id, of: { schedule: 'rota' }, owner: 'cid', createdAt: span.from, lastUsedAt: null };
  const api = await startFakeApi({
    'POST /v1/calendars': { status: 201, body: { calendar: feed, path: '/v1/calendars/secret.ics' } },
    'GET /v1/calendars': { body: { items: [feed, { ...feed, of: { person: 'cid' } }] } },
    [`POST /v1/calendars/${id}/revoke`]: { body: feed },
  });

  const { out, err } = await evenkeel(api.url, 'calendar', 'create', '--schedule', 'rota');
  expect(out).toBe(`${api.url}/v1/calendars/secret.ics\n`);
  expect(err).toContain(`evenkeel calendar revoke ${id}`);
  await evenkeel(api.url, 'calendar', 'create');
  expect(api.heard.map(({ body }) => body)).toEqual([{ schedule: 'rota' }, { person: 'me' }]);
  expect((await evenkeel(api.url, 'calendar', 'list')).out).toMatch(/schedule rota +cid .* never/);
  expect((await evenkeel(api.url, 'calendar', 'revoke', id)).out).toBe(`${id} is revoked\n`);
});
