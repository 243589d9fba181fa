import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Approval } from '../../../domain/approval.ts';
import { askedIn, planId } from '../../support/id.ts';
import { idOf, planReference } from '../../../domain/identifiers.ts';
import { entriesOf } from '../../../storage/ledger.ts';
import { type Ops, startOps } from '../../support/ops.ts';

/** Whoever triggered a deployment does not approve it, whichever way it was told. */
let ops: Ops;
const approved = { template: { approvalPolicy: 'second-person' } };
beforeAll(async () => {
  ops = await startOps(approved);
});
afterAll(() => ops.stop());

const payload = readFileSync(new URL('../../payloads/github/deployment_status.created.json', import.meta.url), 'utf8');
let deployments = 9_000;
const commit = (): string => crypto.randomUUID().replaceAll('-', '') + '0a1b2c3d';

/** GitHub tells of a deployment of this login; the plan that it became. */
const toldByGithub = async (login: string, sha = commit()) => {
  deployments += 1;
  const body = payload
    .replaceAll('145988746', String(deployments))
    .replaceAll('f95f852bd8fca8fcc58a9a2d6c842781e32a215e', sha)
    .replaceAll('"login": "Codertocat"', `"login": "${login}"`);
  const { body: receipt } = await ops.github(body);
  const id = (receipt as { accepted: string[] }).accepted[0]!;
  await expect.poll(async () => (await ops.stores.inbox.find(id))?.state).toBe('delivered');
  const [record] = (await ops.stores.inbox.find(id))!.verdict!.records!;
  return planId(idOf(record!));
};

const question = async (plan: string): Promise<Approval & { leftOut: { person: string }[] }> => {
  await expect
    .poll(async () => (await ops.stores.plans.find(planId(plan)))?.record?.approval?.status, { timeout: 20_000 })
    .toBe('open');
  const { record } = (await ops.stores.plans.find(planId(plan)))!;
  const { body } = await ops.as('ben')('GET', `/v1/approvals/${askedIn(record?.approval)}`);
  return Object(body) as Approval & { leftOut: { person: string }[] };
};

const vote = async (who: string, { id, digest }: Approval): Promise<number> =>
  (await ops.as(who)('POST', `/v1/approvals/${id}/votes`, { decision: 'approve', digest })).status;

describe('a deployment that GitHub tells of', () => {
  test('is not approved by whoever has the login', async () => {
    const asked = await question(await toldByGithub('Ana-K'));

    expect(asked.triggeredBy).toEqual([{ system: 'github', login: 'Ana-K', people: ['ana'] }]);
    expect(asked.leftOut).toMatchObject([{ person: 'ana', why: 'asked for it' }]);
    expect(await vote('ana', asked)).toBe(403);
    expect(await vote('ben', asked)).toBe(200);
  });

  test('by a login that nobody has is shown as what it is, also in the ledger', async () => {
    const plan = await toldByGithub('zoe');
    const asked = await question(plan);

    expect(asked.triggeredBy).toEqual([{ system: 'github', login: 'zoe', people: [] }]);
    const entries = await entriesOf(ops.db, { belongsTo: asked.belongsTo });
    expect(entries.some(({ body }) => body.includes('"login":"zoe"'))).toBe(true);
    expect(await vote('ana', asked)).toBe(200);
  });

  test('and somebody tells of once more is approved by neither of them', async () => {
    const sha = commit();
    const first = await toldByGithub('zoe', sha);
    const asked = await question(first);
    const again = await ops.as('ana')(
      'POST',
      '/v1/deployments',
      { service: 'checkout', environment: 'production', artifact: sha.slice(0, 9).toUpperCase() },
      { 'idempotency-key': crypto.randomUUID() },
    );

    expect((again.body as { plans: string[] }).plans).toEqual([first]);
    expect(await vote('ana', asked)).toBe(403);
    expect(await vote('ben', asked)).toBe(200);
  });

  test('is not begun on the vote of somebody who triggers it as well before it begins: others are asked', async () => {
    const sha = commit();
    const plan = await toldByGithub('zoe', sha);
    const asked = await question(plan);
    const path = `/v1/operation-plans/${plan}`;
    await ops.as('cid')('POST', `${path}/pause`, { reason: 'not yet' });
    expect(await vote('ana', asked)).toBe(200);
    const artifact = { service: 'checkout', environment: 'production', artifact: sha };
    await ops.as('ana')('POST', '/v1/deployments', artifact, { 'idempotency-key': crypto.randomUUID() });

    await ops.as('cid')('POST', `${path}/resume`, { reason: 'now' });

    await expect
      .poll(async () => (await ops.stores.approvals.of(planReference(plan))).map(({ status }) => status))
      .toEqual(['superseded', 'open']);
    const again = await question(plan);
    expect(await vote('ana', again)).toBe(403);
    expect(await vote('ben', again)).toBe(200);
    await expect.poll(async () => (await ops.stores.plans.find(plan))?.record?.status).toBe('completed');
  });

  test('is approved by two where the policy asks for it and nobody knows the login', async () => {
    await ops.apply({ ...approved, policy: { unknownTriggerNeedsTwo: true, notNeededWhen: 'true' } });
    const asked = await question(await toldByGithub('zoe'));

    expect(asked.stages).toMatchObject([{ needed: 2 }]);
    const known = await toldByGithub('ana-k');
    await expect
      .poll(async () => (await ops.stores.plans.find(known))?.record?.approval?.status, { timeout: 20_000 })
      .toBe('not-needed');
    await ops.apply(approved);
  });
});

test.each([
  ['a service account', { kind: 'service', holder: 'release', team: 'shop', scope: 'operator' }],
  ['somebody else', { kind: 'personal', holder: 'cid', scope: 'operator' }],
] as const)('whoever deploys with a token that they made for %s does not approve it', async (_, token) => {
  const by = { type: 'person', name: 'ana' } as const;
  const made = await ops.stores.tokens.create(
    crypto.randomUUID(),
    { ...token, expiresAt: '2040-01-01T00:00:00Z' },
    by,
    new Date().toISOString(),
  );
  const response = await fetch(`${ops.url}/v1/deployments`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${made.secret}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify({ service: 'checkout', environment: 'production', artifact: commit() }),
  });
  const { plans } = (await response.json()) as { plans: string[] };
  const asked = await question(plans[0]!);

  expect(asked.requester).toBe(token.holder);
  expect(asked.leftOut.map(({ person }) => person)).toEqual(['ana']);
  expect(await vote('ana', asked)).toBe(403);
  expect(await vote('ben', asked)).toBe(200);
});
