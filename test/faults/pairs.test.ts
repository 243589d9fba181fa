import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { act, asFiles, company } from '../support/company.ts';
import { startTarget, type Target } from '../support/target.ts';
import { type Pairs, setPairs } from './pairs.ts';

const planCount = 12;
const steps = ['build', 'ship'];

let pairs: Pairs;
let target: Target;
beforeAll(async () => {
  target = await startTarget();
  pairs = await setPairs(target.address, { hook: `whsec_${Buffer.alloc(32, 7).toString('base64')}` });
});
afterAll(async () => {
  await pairs?.stop();
  await target?.stop();
});

type Body = Record<string, unknown>;

/** Asks one of the two, and the other one if it is not there: what a load balancer does. */
const ask = async (first: 0 | 1, method: string, path: string, body?: unknown, key?: string): Promise<Body> => {
  for (const end = Date.now() + 40_000; Date.now() < end; await sleep(100)) {
    for (const url of [pairs.urls[first], pairs.urls[1 - first]!]) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${pairs.adminToken}`,
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(5_000),
      }).catch(() => undefined);
      if (response?.ok) return (await response.json()) as Body;
      if (response && response.status < 500) throw new Error(`${method} ${path}: ${await response.text()}`);
    }
  }
  throw new Error(`${method} ${path} was not answered in time`);
};

test('two of each, of which one is killed: nothing is lost, and nothing is done twice', async () => {
  const files = asFiles(
    company({
      target: target.url,
      steps: steps.flatMap((name) => [
        act(name, { url: `{{environment.url}}/${name}/{{artifact}}`, retry: { attempts: 5, every: '1s' } }),
        { name: `after-${name}`, kind: 'wait' as const, for: '1s' },
      ]),
      channel: { type: 'webhook', url: `${target.url}/told`, secret: 'hook' },
    }),
  );
  await ask(0, 'POST', '/v1/catalogue', { files });
  // Six processes began at once with an empty database: one of them made the token of the administrator.
  const tokens = (await ask(0, 'GET', '/v1/tokens'))['items'] as { kind: string }[];
  expect(tokens.filter(({ kind }) => kind === 'bootstrap')).toHaveLength(1);

  // Each deployment is told to both, at the same moment.
  const accepted: string[] = [];
  for (let index = 0; index < planCount; index += 1) {
    const body = { service: 'checkout', environment: 'production', artifact: `build-${index}` };
    const told = ([0, 1] as const).map((first) => ask(first, 'POST', '/v1/deployments', body, `deployment-${index}`));
    const [one, other] = await Promise.all(told);
    expect(other!['accepted']).toBe(one!['accepted']);
    accepted.push(String(one!['accepted']));
    if (index === 3) pairs.kill('worker');
    if (index === 5) pairs.kill('deliverer');
    if (index === 7) pairs.kill('api');
  }

  const plans: string[] = [];
  for (const id of accepted) {
    const plan = async (): Promise<string | undefined> =>
      ((await ask(1, 'GET', `/v1/inbox/${id}`))['verdict'] as { records?: string[] } | null)?.records?.[0];
    await expect.poll(plan, { timeout: 40_000, interval: 100 }).toBeDefined();
    plans.push((await plan())!);
  }
  expect(new Set(plans).size).toBe(planCount);
  for (const plan of plans) {
    const path = `/v1/operation-plans/${plan.replace('plan/', '')}`;
    await expect
      .poll(async () => (await ask(1, 'GET', path))['status'], { timeout: 60_000, interval: 100 })
      .toBe('completed');
  }

  // One key for each effect. A repeat is a request whose worker was killed before it could write down the answer.
  const keys = target.keys();
  expect(keys.size).toBe(planCount * steps.length);
  const routes = new Map(target.calls.filter(({ key }) => key !== undefined).map(({ key, route }) => [key, route]));
  expect(new Set(routes.values()).size).toBe(planCount * steps.length);

  // What is told has an id, and each id one content: a repeat is one that the killed deliverer had sent and not noted.
  const told = () => target.calls.filter(({ route }) => route === 'POST /told');
  const ids = () => new Set(told().map(({ headers }) => headers['webhook-id']));
  const contents = () => new Set(told().map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`));
  await expect.poll(() => told().length, { timeout: 20_000, interval: 200 }).toBeGreaterThanOrEqual(planCount);
  expect(contents().size).toBe(ids().size);

  const verified = async () => ask(1, 'GET', '/v1/audit/verification');
  await expect.poll(verified, { timeout: 20_000, interval: 200 }).toMatchObject({ ok: true, unsealed: 0 });
});
