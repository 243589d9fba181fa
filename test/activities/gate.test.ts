import { describe, expect, onTestFinished, test } from 'vitest';
import { createGateChannel } from '../../activities/channels/gate.ts';
import { createEgress } from '../../activities/egress.ts';
import { createMemoryCatalogue } from '../support/memory/catalogue.ts';
import { document } from '../support/company.ts';
import { appId, startGithub } from '../support/github.ts';
import { secretsOf } from './world.ts';

const path = '/repos/shop/checkout/actions/runs/42/deployment_protection_rule';

const start = async (more: object = {}, secrets?: Record<string, string>) => {
  const github = await startGithub();
  onTestFinished(github.stop);
  const app = { id: appId, privateKey: 'app-key', api: github.api, ...more };
  const channel = createGateChannel({
    egress: createEgress([github.address]),
    secrets: secretsOf(secrets ?? { 'app-key': github.privateKey }),
    catalogue: createMemoryCatalogue([
      document('Source', 'github', { format: 'github', team: 'shop', secrets: ['github'], app }),
      document('Source', 'without', { format: 'github', team: 'shop', secrets: ['github'] }),
    ]),
  });
  const answer = (state: 'approved' | 'rejected' = 'approved', { source = 'github', installation = 1 } = {}) =>
    channel(
      {
        kind: 'gate',
        channel: source,
        gate: { repository: 'shop/checkout', run: 42, environment: 'Production EU', installation },
        state,
        text: `Operation plan ${state} (https://evenkeel.example/p1)`,
      },
      { key: 'plan/p1/gate', createdAt: '', idOf: (of) => of, firstId: async () => undefined },
    );
  return { github, answer };
};

describe('a gate', () => {
  test.each(['approved', 'rejected'] as const)('is answered: %s, by the App of its source', async (state) => {
    const { github, answer } = await start();

    expect(await answer(state)).toEqual({ sent: true, detail: state });

    const comment = `Operation plan ${state} (https://evenkeel.example/p1)`;
    expect(github.answers).toEqual([{ path, environment_name: 'Production EU', state, comment }]);
    expect(github.requests).toEqual([
      'POST /app/installations/1/access_tokens',
      'GET /repos/shop/checkout/actions/runs/42/approvals',
      `POST ${path}`,
    ]);
  });

  test('is answered once, where the way back of the answer was lost', async () => {
    const { github, answer } = await start();
    github.trouble('lost');

    expect(await answer()).toMatchObject({ sent: false, fault: 'passing', isInDoubt: true });
    expect(await answer()).toEqual({ sent: true, detail: 'approved before' });

    expect(github.answers).toHaveLength(1);
  });

  test.each([
    [{ status: 500 }, { fault: 'passing' }],
    [
      { status: 429, headers: { 'retry-after': '90' } },
      { fault: 'passing', retryAfterMs: 90_000 },
    ],
    [
      { status: 403, headers: { 'x-ratelimit-remaining': '0' } },
      { fault: 'passing', retryAfterMs: 60_000 },
    ],
    [{ status: 401 }, { fault: 'installation' }],
    [{ status: 403 }, { fault: 'receiver', detail: 'GitHub does not take the answer: status 403' }],
    [{ status: 404 }, { fault: 'receiver', detail: 'GitHub does not take the answer: status 404' }],
    [{ status: 422 }, { fault: 'receiver', detail: 'GitHub does not take the answer: status 422' }],
  ])('that is answered with %j is %j', async (trouble, outcome) => {
    const { github, answer } = await start();
    github.trouble(trouble);

    expect(await answer()).toMatchObject({ sent: false, ...outcome });
  });

  test('waits for the key of its App, and names no part of one', async () => {
    const missing = await start({}, {});
    const wrong = await start(
      {},
      { 'app-key': '-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----' },
    );
    const other = await start({ id: 7 });

    expect(await missing.answer()).toMatchObject({ fault: 'installation', detail: 'there is no secret app-key' });
    expect(await wrong.answer()).toMatchObject({
      fault: 'installation',
      detail: 'the secret app-key is no private key of RSA in PEM',
    });
    expect(await other.answer()).toMatchObject({ fault: 'installation', detail: 'status 401' });
    expect([missing, wrong, other].flatMap(({ github }) => github.answers)).toEqual([]);
  });

  test('of an installation that has gone, or a source without an App, has no answer', async () => {
    const { answer } = await start();

    expect(await answer('approved', { installation: 2 })).toMatchObject({
      fault: 'receiver',
      detail: 'its App gets no token there: status 404',
    });
    expect(await answer('approved', { source: 'without' })).toMatchObject({ fault: 'installation' });
    expect(await answer('approved', { source: 'nobody' })).toMatchObject({ fault: 'receiver' });
  });

  test('shows its token to the API alone, and the App its key to nobody', async () => {
    const { github, answer } = await start();

    await answer();

    const [app, ...others] = github.bearers;
    expect(app?.bearer.split('.')).toHaveLength(3);
    expect(others.map(({ bearer }) => bearer)).toEqual(['ghs_1', 'ghs_1']);
    expect(others.every(({ path: to }) => to.startsWith('/repos/shop/checkout/actions/runs/42/'))).toBe(true);
  });
});
