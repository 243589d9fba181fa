import { expect, test } from 'vitest';
import type { PatternRun } from '../../domain/pattern.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';

const id = '019a0000-0000-7000-8000-000000000001';
const period = { from: '2026-10-01T00:00:00.000Z', until: '2026-11-01T00:00:00.000Z' };
const run: PatternRun = {
  id,
  scope: { service: 'checkout' },
  period,
  opens: true,
  orderedBy: { type: 'person', name: 'ana' },
  orderedAt: '2026-11-02T06:00:00.000Z',
  foundAt: '2026-11-02T06:01:00.000Z',
  incidents: 48,
  patterns: [
    {
      pattern: 'template/pool',
      rule: 'recurrence',
      title: 'The pool \u001B[31mruns dry',
      team: 'shop',
      service: 'checkout',
      window: period,
      incidents: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      count: 10,
      why: '10 similar incidents within 30d',
      problem: 3,
    },
    {
      pattern: 'trend/shop',
      rule: 'trend',
      title: 'More from week to week',
      team: 'shop',
      window: period,
      incidents: [11, 12],
      count: 2,
      p: 0.01,
      why: 'rises',
    },
  ],
  inconclusive: [{ rule: 'statistical', why: 'there are only 3 weeks before' }],
  hash: 'abc',
};

test('a search is ordered of what is asked, and says its id', async () => {
  const body = { accepted: 'a1', state: 'delivered', run: id };
  const api = await startFakeApi({ 'POST /v1/pattern-runs': { status: 202, body } });
  const past = ['--from', '2026-10-01T00:00:00Z', '--until', '2026-10-08T00:00:00Z'];

  expect(await evenkeel(api.url, 'pattern', 'find', '--team', 'shop', ...past, '--open', '--key', 'k')).toEqual({
    code: 0,
    out: `pattern run ${id}: evenkeel pattern show ${id}\n`,
    err: '',
  });
  expect(api.heard[0]!.body).toEqual({
    team: 'shop',
    from: '2026-10-01T00:00:00Z',
    until: '2026-10-08T00:00:00Z',
    open: true,
  });
  expect(api.heard[0]!.headers['idempotency-key']).toBe('k');
});

test('one that waits for a worker says where to look, and opens nothing unless asked', async () => {
  const body = { accepted: 'a1', state: 'accepted' };
  const api = await startFakeApi({ 'POST /v1/pattern-runs': { status: 202, body } });
  const { out } = await evenkeel(api.url, 'pattern', 'find', '--service', 'checkout');

  expect(out).toBe('recorded; it begins as soon as it can (evenkeel inbox show a1)\n');
  expect(api.heard[0]!.body).toEqual({ service: 'checkout' });
});

test('runs are one table, and one that goes on says so', async () => {
  const items = [
    { ...run, patterns: 2 },
    { ...run, id: 'r2', scope: { team: 'shop', environment: 'production' }, foundAt: null, patterns: null },
  ];
  const api = await startFakeApi({ 'GET /v1/pattern-runs': { body: { items } } });
  const { out } = await evenkeel(api.url, 'pattern', 'list');

  expect(out).toMatch(new RegExp(`${id} +service checkout +2026-10 +ana +2026-11-02 06:01:00Z .* 2\n`));
  expect(out).toMatch(/r2 +team shop in production +2026-10 +ana +not yet\n/);
});

test('a run is shown with why it found what, and with what it does not know', async () => {
  const api = await startFakeApi({ [`GET /v1/pattern-runs/${id}`]: { body: run } });
  const { out } = await evenkeel(api.url, 'pattern', 'show', id);

  expect(out.split('\n')[0]).toBe('Patterns of service checkout, 2026-10');
  expect(out).toMatch(/incidents +48 looked at/);
  expect(out).toMatch(/problems +open of what was found/);
  expect(out).toMatch(
    /recurrence +The pool .* +checkout +1 2 3 4 5 6 7 8 and 2 more +10 similar incidents within 30d +3\n/,
  );
  expect(out).toMatch(/trend +More from week to week +11 12 +rises\n/);
  expect(out).toContain('Not known:\n  statistical: there are only 3 weeks before');
  expect(out).not.toContain('\u001B[31m');
});

test('a run that found nothing says so, and that it opens nothing', async () => {
  const body = { ...run, opens: false, patterns: [], inconclusive: [] };
  const api = await startFakeApi({ [`GET /v1/pattern-runs/${id}`]: { body } });
  const { out } = await evenkeel(api.url, 'pattern', 'show', id);

  expect(out).toContain('do not open of it');
  expect(out).toContain('\n\nnothing keeps happening, as far as is known\n');
  expect(out).not.toContain('Not known');
});

test.each([
  [['find', '--key', ''], '--key "": a key has 1 to 200 letters'],
  [['find', '--rule', 'trend'], "unknown option '--rule'"],
  [['show'], "missing required argument 'id'"],
  [['show', '.'], '"." is neither a name nor an id'],
])('pattern %j asks nothing', async (args, said) => {
  const api = await startFakeApi();
  const { code, err } = await evenkeel(api.url, 'pattern', ...args);

  expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  expect(api.heard).toEqual([]);
});

test('a past that is none is named as the option that it is', async () => {
  const errors = [{ field: 'until', message: 'is before from' }];
  const api = await startFakeApi({
    'POST /v1/pattern-runs': { status: 422, body: { detail: 'until: is before from', errors } },
  });
  const past = ['--from', '2026-10-08T00:00:00Z', '--until', '2026-10-01T00:00:00Z'];

  expect(await evenkeel(api.url, 'pattern', 'find', ...past)).toMatchObject({
    code: 2,
    err: 'evenkeel: --until: is before from\n',
  });
});

test.each([
  [409, 6, `pattern run ${id} has found nothing yet: it goes on`],
  [404, 5, `there is no pattern run ${id}`],
])('a run that cannot be shown (%d) ends with exit code %d', async (status, code, detail) => {
  const api = await startFakeApi({ [`GET /v1/pattern-runs/${id}`]: { status, body: { detail } } });

  expect(await evenkeel(api.url, 'pattern', 'show', id)).toEqual({ code, out: '', err: `evenkeel: ${detail}\n` });
});
