import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

const token = { id: 't1', kind: 'service', holder: 'ci', scope: 'operator', expiresAt: '2026-01-01T00:00:00.000Z' };
const made = { 'POST /v1/tokens': { status: 201, body: { token, secret: 'evk_secret' } } };

test('the secret of a new token stands alone on stdout', async () => {
  const api = await startFakeApi(made);

  const { out, err } = await evenkeel(
    api.url,
    'token',
    'create',
    '--service',
    'ci',
    '--team',
    'shop',
    '--scope',
    'operator',
  );

  expect(out).toBe('evk_secret\n');
  expect(err).not.toContain('evk_secret');
  expect(api.heard[0]!.body).toEqual({ kind: 'service', name: 'ci', team: 'shop', scope: 'operator' });
});

test.each([
  [[]],
  [['--person', 'ana', '--service', 'ci']],
  [['--service', 'ci']],
  [['--person', 'ana', '--team', 'shop']],
])('a token for %j is for nobody in particular, so it is not asked for', async (options) => {
  const api = await startFakeApi(made);

  expect((await evenkeel(api.url, 'token', 'create', ...options)).code).toBe(2);
  expect(api.heard).toEqual([]);
});

test('whoami says who the token is, with roles, and never the token', async () => {
  const me = {
    actor: { type: 'person', name: 'ana' },
    token: { id: 't1', kind: 'personal', holder: 'ana', scope: 'approver' },
    isAuditor: false,
    teams: [{ team: 'shop', role: 'operator' }],
  };
  const api = await startFakeApi({ 'GET /v1/me': { body: me } });

  const { out, err } = await evenkeel(api.url, 'whoami');

  expect(out).toContain('person ana');
  expect(out).toContain('team shop  operator');
  expect(out + err).not.toContain('evk_test');
});
