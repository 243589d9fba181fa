import type { Document } from '../../domain/document.ts';
import type { ApprovalId } from '../../domain/id.ts';
import type { PersonSpec } from '../../domain/team.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiOf } from '../../api/openapi.ts';
import { recordViews } from '../../api/routes/record-views.ts';
import { operationsOf } from '../../api/routes/index.ts';
import { accessOf } from '../../api/access.ts';
import type { Context } from '../../api/context.ts';
import { scopeOf } from '../../api/metric-scope.ts';
import { stated } from '../support/company.ts';
import { type Ops, type Plan, startOps } from '../support/ops.ts';
import { askedIn } from '../support/id.ts';

let ops: Ops;
let plan: Plan;
beforeAll(async () => {
  ops = await startOps({
    template: { approvalPolicy: 'second-person' },
    checks: [
      {
        id: 'OBS-1',
        title: 'It answers',
        level: 'C',
        severity: 'blocker',
        evidence: { kind: 'http', url: '{{environment.url}}/health' },
      },
      stated('minor'),
    ],
  });
  plan = await ops.deploy();
  await plan.until(({ approval }) => approval?.status === 'open');
});
afterAll(() => ops.stop());

/** The map needs no servers to be read. */
const operations = operationsOf({ stores: {}, views: recordViews } as unknown as Context);
const paths = (path: string): string => path.replace('{id}', 'x').replaceAll(/\{\w+\}/g, 'x');

describe('every route', () => {
  const closed = operations.filter(({ role }) => role !== 'anyone' && role !== 'sender');

  test.each(closed.map(({ method, path }) => [method.toUpperCase(), path]))(
    'answers 401 without a token: %s %s',
    async (method, path) => {
      const reply = await fetch(`${ops.url}${paths(path)}`, { method });
      expect(reply.status).toBe(401);
    },
  );

  // What every holder may do concerns what is theirs: see the stories of tokens.
  const changing = closed.filter(({ method, role }) => method !== 'get' && role !== 'holder');

  test.each(changing.map(({ method, path }) => [method.toUpperCase(), path]))(
    'changes nothing for a viewer: %s %s',
    async (method, path) => {
      const reply = await ops.as('vic')(method, paths(path), {});
      expect(reply.status).toBe(403);
    },
  );

  // What is only read may be asked for by a post as well.
  const changingForAuditors = changing.filter(({ role }) => role !== 'auditor');

  test.each(changingForAuditors.map(({ method, path }) => [method.toUpperCase(), path]))(
    'changes nothing for an auditor: %s %s',
    async (method, path) => {
      const reply = await ops.as('aud')(method, paths(path), {});
      expect(reply.status).toBe(403);
    },
  );

  test('stands in the OpenAPI document with its role', () => {
    const document = openApiOf(operations);
    const described = Object.values(document.paths ?? {}).flatMap((item) => Object.keys(item as object));
    expect(described).toHaveLength(operations.length);
    expect(document.openapi).toBe('3.1.0');
  });
});

test('a waiver and a statement that are sent twice are kept once', async () => {
  const place = { service: 'checkout', environment: 'production', check: 'OPS-2', validFor: '1h' };
  const send = (who: string, path: string, body: object, key: string) =>
    ops.as(who)('POST', path, { ...place, ...body }, { 'idempotency-key': key });
  const [waiver, statement] = [crypto.randomUUID(), crypto.randomUUID()];

  const waivers = [
    await send('cid', '/v1/waivers', { reason: 'later' }, waiver),
    await send('cid', '/v1/waivers', { reason: 'later' }, waiver),
    await send('cid', '/v1/waivers', { reason: 'never' }, waiver),
  ];
  const statements = [
    await send('cid', '/v1/attestations', { statement: 'I looked' }, statement),
    await send('cid', '/v1/attestations', { statement: 'I looked' }, statement),
    await send('cid', '/v1/attestations', { statement: 'I did not' }, statement),
  ];

  expect(waivers.map(({ status }) => status)).toEqual([201, 201, 409]);
  expect(statements.map(({ status }) => status)).toEqual([201, 201, 409]);
  expect(waivers[1]!.body).toEqual(waivers[0]!.body);
  expect(statements[1]!.body).toEqual(statements[0]!.body);
  expect(Date.parse(String(statements[0]!.body['expiresAt'])) - Date.now()).toBeGreaterThan(59 * 60_000);
});

test.each([
  [
    '/v1/waivers',
    'OBS-9',
    'no plan of checkout looks at OBS-9, did you mean OBS-1? (known: OBS-1, OPS-2, EVENKEEL-1, EVENKEEL-2)',
  ],
  ['/v1/attestations', 'OBS-9', 'no plan of checkout looks at OBS-9, did you mean OBS-1?'],
  ['/v1/attestations', 'OBS-1', 'OBS-1 is evaluated by http and cannot be attested: request a waiver'],
  ['/v1/attestations', 'EVENKEEL-1', 'EVENKEEL-1 is evaluated by Evenkeel itself and cannot be attested'],
])('a word about a check that would change nothing is refused: %s %s', async (path, check, why) => {
  const place = { service: 'checkout', environment: 'production', check, validFor: '1h' };
  const word = path === '/v1/waivers' ? { reason: 'later' } : { statement: 'I looked' };

  expect(await ops.as('cid')('POST', path, { ...place, ...word })).toMatchObject({
    status: 422,
    body: { field: 'check', detail: expect.stringContaining(why) },
  });
});

test('an auditor reads what came in, of all teams', async () => {
  expect((await ops.as('aud')('GET', '/v1/inbox?state=delivered')).body.items.length).toBeGreaterThan(0);
});

test('a wrong token is not taken for a missing one', async () => {
  const detailFor = async (headers: Record<string, string>): Promise<string> => {
    const reply = await fetch(`${ops.url}/v1/me`, { headers });
    expect(reply.status).toBe(401);
    return ((await reply.json()) as { detail: string }).detail;
  };

  expect(await detailFor({})).toContain('a token is needed');
  expect(await detailFor({ authorization: 'Bearer evk_nobody' })).toContain(
    'not known here, has expired or was revoked',
  );
});

test('who lacks a role is named, and so is a token that has less than its holder', async () => {
  const ask = { service: 'checkout', environment: 'production', artifact: 'pkg:oci/checkout@1' };
  const key = { 'idempotency-key': crypto.randomUUID() };
  const fay = await ops.as('fay')('POST', '/v1/deployments', ask, key);
  const ben = await ops.as('ben')('POST', '/v1/catalogue', { files: [] }, key);

  expect([fay.status, fay.body.detail]).toEqual([403, 'this needs the role operator, which fay has in no team']);
  expect([ben.status, ben.body.detail]).toEqual([403, expect.stringMatching(/^this needs the role admin, /)]);
});

test.each([
  ['operator', 'viewer', 'for service mooring, sven needs the role operator in team berths'],
  [
    'viewer',
    'operator',
    'for service mooring, sven needs the role operator in team berths, and your token has at most viewer',
  ],
] as const)('a token of scope %s of a %s is refused with what is lacking', (scope, role, why) => {
  const createdBy = { type: 'person', name: 'sven' } as const;
  const token = { id: 't', kind: 'personal', holder: 'sven', team: null, scope, createdBy } as const;
  const berths = { kind: 'Team', name: 'berths', spec: { members: [{ person: 'sven', role }] } } as Document<'Team'>;
  const { demand } = accessOf(token, [berths], { name: 'Sven' } as PersonSpec);

  expect(() => demand('operator', 'berths', 'service mooring')).toThrow(expect.objectContaining({ message: why }));
});

test('an auditor who responds in one team sees all of them, and has something written for their own alone', async () => {
  const createdBy = { type: 'person', name: 'sven' } as const;
  const token = { id: 't', kind: 'personal', holder: 'sven', team: null, scope: 'admin', createdBy } as const;
  const berths = {
    kind: 'Team',
    name: 'berths',
    spec: { members: [{ person: 'sven', role: 'responder' }] },
  } as Document<'Team'>;
  const access = accessOf(token, [berths], { name: 'Sven', auditor: true } as PersonSpec);
  const recent = { find: async () => berths.spec } as unknown as Context['recent'];

  expect(await scopeOf({ recent }, access, {})).toEqual({});
  expect(await scopeOf({ recent }, access, { team: 'berths' }, 'responder')).toEqual({ team: 'berths' });
  await expect(scopeOf({ recent }, access, {}, 'responder')).rejects.toThrow('say of which team or service');
});

test('whoever has a token may ask who they are, also when they are in no team any more', async () => {
  const reply = await ops.as('fay')('GET', '/v1/me');

  expect(reply.status).toBe(200);
  expect(reply.body).toMatchObject({ actor: { type: 'person', name: 'fay' }, teams: [] });
  expect((await ops.as('fay')('GET', '/v1/operation-plans')).status).toBe(403);
});

describe("another team's things", () => {
  const foreign = (): [string, string, unknown?][] => [
    ['GET', `/v1/operation-plans/${plan.id}`],
    ['GET', `/v1/operation-plans/${plan.id}/runs`],
    ['GET', `/v1/operation-plans/${plan.id}/audit`],
    ['GET', `/v1/operation-plans/${plan.id}/export`],
    ['GET', `/v1/operation-plans/${plan.id}/content`],
    ['POST', `/v1/operation-plans/${plan.id}/cancel`, { reason: 'mine now' }],
    ['GET', `/v1/approvals/${plan.id}.approval.1`],
    ['POST', `/v1/approvals/${plan.id}.approval.1/votes`, { decision: 'approve', digest: '0'.repeat(64) }],
    [
      'POST',
      '/v1/attestations',
      { service: 'checkout', environment: 'production', check: 'OBS-1', statement: 'x', validFor: '1d' },
    ],
    [
      'POST',
      '/v1/waivers',
      { service: 'checkout', environment: 'production', check: 'OBS-1', reason: 'x', validFor: '1d' },
    ],
    ['POST', '/v1/tokens', { kind: 'service', name: 'mine', team: 'shop' }],
  ];

  test('are not there for somebody else, not even as forbidden', async () => {
    for (const [method, path, body] of foreign()) {
      expect([path, (await ops.as('eva')(method, path, body)).status]).toEqual([path, 404]);
    }
  });

  test('are not told by a waiver either', async () => {
    const ask = { service: 'checkout', environment: 'production', check: 'OBS-1', reason: 'x', validFor: '1d' };
    const { body } = await ops.as('cid')('POST', '/v1/waivers', ask);
    const grant = async (id: string) => (await ops.as('eva')('POST', `/v1/waivers/${id}/grant`)).body.detail;
    const unknown = crypto.randomUUID();

    expect([await grant(body.id), await grant(unknown)]).toEqual([
      `there is no waiver ${body.id}`,
      `there is no waiver ${unknown}`,
    ]);
  });

  test('do not appear in lists', async () => {
    expect((await ops.as('eva')('GET', '/v1/operation-plans')).body.items).toEqual([]);
    expect((await ops.as('eva')('GET', '/v1/approvals')).body.items).toEqual([]);
  });

  test('cannot be taken over by applying a document', async () => {
    const text =
      'apiVersion: evenkeel/v1\nkind: Team\nmetadata: { name: shop }\nspec: { members: [{ person: eva, role: admin }] }\n';
    expect((await ops.as('eva')('POST', '/v1/catalogue', { files: [{ path: 'team.yaml', text }] })).status).toBe(404);
  });

  test('are read by an auditor', async () => {
    expect((await ops.as('aud')('GET', `/v1/operation-plans/${plan.id}`)).status).toBe(200);
    expect((await ops.as('aud')('GET', '/v1/audit/verification')).body).toMatchObject({ ok: true });
    expect((await ops.as('cid')('GET', '/v1/audit/verification')).status).toBe(403);
  });
});

describe('tokens', () => {
  test('are made once for each Idempotency-Key', async () => {
    const ask = { kind: 'service', name: 'ci', team: 'shop' };
    const key = { 'idempotency-key': crypto.randomUUID() };

    const first = await ops.as('admin')('POST', '/v1/tokens', ask, key);
    const again = await ops.as('admin')('POST', '/v1/tokens', ask, key);

    expect([first.status, again.status]).toEqual([201, 409]);
    expect(again.body.detail).toContain((first.body as unknown as { token: { id: string } }).token.id);
  });

  test('are capped by their scope, end at once when revoked, and are never shown again', async () => {
    const made = await ops.as('admin')('POST', '/v1/tokens', { kind: 'personal', person: 'ana', scope: 'viewer' });
    const { secret, token } = made.body as unknown as { secret: string; token: { id: string } };
    const call = (path: string, method = 'GET') =>
      fetch(`${ops.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: '{"reason":"x"}' }),
      });
    expect((await call('/v1/me')).status).toBe(200);
    expect((await call(`/v1/operation-plans/${plan.id}/pause`, 'POST')).status).toBe(403);

    expect((await ops.as('admin')('DELETE', `/v1/tokens/${token.id}`)).status).toBe(204);

    expect((await call('/v1/me')).status).toBe(401);
    expect(JSON.stringify((await ops.as('admin')('GET', '/v1/tokens')).body)).not.toContain(secret);
  });

  test('of a service never approve, whatever is asked for', async () => {
    const reply = await ops.as('admin')('POST', '/v1/tokens', {
      kind: 'service',
      name: 'robot',
      team: 'shop',
      scope: 'approver',
    });
    expect(reply.status).toBe(422);
  });
});

describe('an admin of one team', () => {
  const apply = (text: string) =>
    ops.as('eva')('POST', '/v1/catalogue', { files: [{ path: 'x.yaml', text: `apiVersion: evenkeel/v1\n${text}` }] });

  test.each([
    [
      'a policy that others use',
      'kind: ApprovalPolicy\nmetadata: { name: second-person }\nspec: { stages: [{ approvers: [{ team: shop }] }], timeout: 4h, notNeededWhen: "true" }',
    ],
    [
      'a runbook that others use',
      'kind: Runbook\nmetadata: { name: work }\nspec: { steps: [{ name: x, kind: wait, for: 1s }] }',
    ],
    [
      'a delegation of somebody else',
      'kind: Person\nmetadata: { name: ana }\nspec: { name: Ana, email: ana@example.org, delegate: { to: eva, from: "2020-01-01T00:00:00Z", until: "2040-01-01T00:00:00Z" } }',
    ],
    ['an auditor', 'kind: Person\nmetadata: { name: new }\nspec: { name: New, email: new@example.org, auditor: true }'],
  ])('does not change what belongs to all: %s', async (_what, text) => {
    expect((await apply(text)).status).toBe(403);
  });

  test('adds what nobody has yet', async () => {
    expect(
      (await apply('kind: Runbook\nmetadata: { name: mine }\nspec: { steps: [{ name: x, kind: wait, for: 1s }] }'))
        .status,
    ).toBe(200);
  });

  test('makes and ends no token of an auditor, nor of somebody whose other team is not theirs', async () => {
    const madeFor = async (holder: string): Promise<string> => {
      const ask = { kind: 'personal', holder, scope: 'viewer', expiresAt: '2040-01-01T00:00:00Z' } as const;
      const by = { type: 'person', name: 'ana' } as const;
      return (await ops.stores.tokens.create(crypto.randomUUID(), ask, by, new Date().toISOString())).token.id;
    };
    const [ofAuditor, ofColleague] = [await madeFor('aud'), await madeFor('dan')];
    await apply(
      'kind: Team\nmetadata: { name: other }\nspec: { members: [{ person: eva, role: admin }, { person: aud, role: viewer }, { person: dan, role: viewer }] }',
    );

    expect((await ops.as('eva')('POST', '/v1/tokens', { kind: 'personal', person: 'aud' })).status).toBe(403);
    expect((await ops.as('eva')('DELETE', `/v1/tokens/${ofAuditor}`)).status).toBe(403);
    expect((await ops.as('eva')('DELETE', `/v1/tokens/${ofColleague}`)).status).toBe(404);
    expect((await ops.as('admin')('DELETE', `/v1/tokens/${ofColleague}`)).status).toBe(204);
    await ops.apply();
  });

  test('ends no token of the first admin', async () => {
    const [bootstrap] = (await ops.stores.tokens.list({ limit: 200 })).filter(({ kind }) => kind === 'bootstrap');

    expect((await ops.as('eva')('DELETE', `/v1/tokens/${bootstrap!.id}`)).status).toBe(404);
  });
});

describe('who lends a token', () => {
  /** Votes as ben with a token that ana made for him; the status of the answer. */
  const voteWithLent = async (id: ApprovalId): Promise<number> => {
    const ask = { kind: 'personal', holder: 'ben', scope: 'approver', expiresAt: '2040-01-01T00:00:00Z' } as const;
    const by = { type: 'person', name: 'ana' } as const;
    const lent = await ops.stores.tokens.create(crypto.randomUUID(), ask, by, new Date().toISOString());
    const { digest } = (await ops.stores.approvals.find(id))!;
    const reply = await fetch(`${ops.url}/v1/approvals/${id}/votes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${lent.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ decision: 'approve', digest }),
    });
    return reply.status;
  };

  test('does not decide with it where they may not decide themselves', async () => {
    const asked = await ops.deploy('pkg:oci/checkout@lent0001', 'ana');
    const { approval } = await asked.until((state) => state.approval?.status === 'open');

    expect(await voteWithLent(askedIn(approval))).toBe(403);
    expect((await asked.vote('ben')).status).toBe(200);
  });

  test('does not carry a quorum of two with it', async () => {
    await ops.apply({
      policy: { stages: [{ approvers: [{ team: 'shop' }], quorum: { count: 2 } }] },
      template: { approvalPolicy: 'second-person' },
    });
    const asked = await ops.deploy('pkg:oci/checkout@lent0002');
    const { approval } = await asked.until((state) => state.approval?.status === 'open');
    await asked.vote('ana');

    expect(await voteWithLent(askedIn(approval))).toBe(403);
    await asked.ask('cid', 'cancel', { reason: 'the story ends' });
    await ops.apply();
  });

  test('has lent as well what is made with it', async () => {
    const ask = { kind: 'personal', holder: 'eva', scope: 'admin', expiresAt: '2040-01-01T00:00:00Z' } as const;
    const by = { type: 'person', name: 'ana' } as const;
    const lent = await ops.stores.tokens.create(crypto.randomUUID(), ask, by, new Date().toISOString());
    const headers = { authorization: `Bearer ${lent.secret}`, 'content-type': 'application/json' };

    const made = await fetch(`${ops.url}/v1/tokens`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ kind: 'personal', person: 'eva' }),
    });

    expect(((await made.json()) as { token: object }).token).toMatchObject({ createdBy: by });
    expect(await ops.mails()).toContainEqual({ to: 'eva@example.org', subject: 'A token was created in your name' });
  });

  test('ends a token of their own, whatever role it has, and of nobody else', async () => {
    const mine = { kind: 'personal', holder: 'vic', scope: 'viewer', expiresAt: '2040-01-01T00:00:00Z' } as const;
    const by = { type: 'person', name: 'ana' } as const;
    const { token } = await ops.stores.tokens.create(crypto.randomUUID(), mine, by, new Date().toISOString());

    expect((await ops.as('dan')('DELETE', `/v1/tokens/${token.id}`)).status).toBe(403);
    expect((await ops.as('aud')('DELETE', `/v1/tokens/${token.id}`)).status).toBe(403);
    expect((await ops.as('pipeline')('DELETE', `/v1/tokens/${token.id}`)).status).toBe(403);
    expect((await ops.as('vic')('DELETE', `/v1/tokens/${token.id}`)).status).toBe(204);
  });

  test('a machine asks for no waiver', async () => {
    const ask = { service: 'checkout', environment: 'production', check: 'OBS-1', reason: 'x', validFor: '1d' };
    expect((await ops.as('pipeline')('POST', '/v1/waivers', ask)).status).toBe(403);
  });
});

test.each(['/v1/operation-plans/a%00b', '/v1/tasks?plan=a%00b', '/v1/approvals/%00'])(
  'a NUL in an address is the fault of the sender: %s',
  async (path) => {
    expect((await ops.as('ana')('GET', path)).status).toBe(400);
  },
);

test.each([
  ['+275760-09-13T00:00:00.000Z', 'x'],
  ['2026', 'x'],
  ['2026-01-01T00:00:00.000Z', 'a\0b'],
  ['2026-01-01T00:00:00.000Z', 'no-uuid'],
])('a cursor of %j and %j was not given by us', async (at, id) => {
  const after = Buffer.from(`${at}\n${id}`).toString('base64url');

  expect((await ops.as('cid')('GET', `/v1/inbox?after=${after}`)).status).toBe(422);
});

test.each(['', 'k'.repeat(201)])('an Idempotency-Key of %j is refused', async (key) => {
  const reply = await ops.as('cid')(
    'POST',
    `/v1/operation-plans/${plan.id}/pause`,
    { reason: 'x' },
    {
      'idempotency-key': key,
    },
  );

  expect(reply).toMatchObject({ status: 422, body: { field: 'Idempotency-Key' } });
});

describe('lists', () => {
  test('come in pages that neither repeat nor lose, with an ETag', async () => {
    for (let count = 0; count < 4; count += 1) await ops.deploy();
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const { body } = await ops.as('ana')(
        'GET',
        `/v1/operation-plans?limit=2${next === undefined ? '' : `&after=${next}`}`,
      );
      seen.push(...body.items.map(({ id }) => id));
      next = body['next'] as string | undefined;
    } while (next !== undefined);
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(new Set(seen).size).toBe(seen.length);

    const lookTwice = async (): Promise<number> => {
      const first = await ops.as('ana')('GET', '/v1/operation-plans?limit=1');
      const again = await ops.as('ana')('GET', '/v1/operation-plans?limit=1', undefined, {
        'if-none-match': first.headers.get('etag') ?? '',
        // Otherwise fetch itself asks for an answer that is not from a cache.
        'cache-control': 'max-age=0',
      });
      return again.status;
    };
    // The youngest plan may still be on its way.
    await expect.poll(lookTwice).toBe(304);
  });

  test.each([
    'limit=0',
    'limit=x',
    'after=nonsense',
    `after=${btoa('0000-01-01T00:00:00.000Z\nx')}`,
    `after=${btoa('2026-02-30T00:00:00.000Z\nx')}`,
    'status=nonsense',
    'colour=red',
    'limit=1&limit=2',
  ])('refuse %s', async (query) => {
    expect((await ops.as('ana')('GET', `/v1/operation-plans?${query}`)).status).toBe(422);
  });
});

describe('bodies that mean harm', () => {
  test.each([
    ['half a JSON', '{"reason": '],
    ['deep nesting', `{"reason":${'['.repeat(1_000)}${']'.repeat(1_000)}}`],
    ['a prototype', '{"__proto__": {"admin": true}, "reason": "x"}'],
    ['a NUL', '{"reason": "a\\u0000b"}'],
    ['an array', '[]'],
    ['a number', '7'],
    ['a lone surrogate', '{"reason": "\\ud800"}'],
  ])('get a clear 4xx: %s', async (_what, body) => {
    const reply = await ops.as('cid')('POST', `/v1/operation-plans/${plan.id}/pause`, body);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
  });
});

test('health says ready, and metrics count the plans', async () => {
  const ready = (await (await fetch(`${ops.url}/readyz`)).json()) as { status: string; reasons: string[] };
  // No mail server is set here.
  expect(ready.reasons.filter((reason) => !/^\d+ mails? waits?: the mail server is not set/.test(reason))).toEqual([]);
  expect(ready.status).toBe(ready.reasons.length === 0 ? 'ready' : 'degraded');
  const metrics = (await ops.as('vic')('GET', '/metrics')).body['text'];
  expect(metrics).toContain('evenkeel_records{kind="plan",status="awaiting-approval"}');
  expect(metrics).toContain('evenkeel_inbox_waiting 0');
  expect(metrics).toMatch(/^evenkeel_outbox_held\{kind="email"\} \d+$/m);
  expect(metrics).toContain('evenkeel_outbox_held{kind="webhook"} 0');
});

test('files without a document are refused, since somebody meant something by them', async () => {
  const files = [{ path: 'a.yaml', text: '# nothing yet\n' }];

  const { status, body } = await ops.as('admin')('POST', '/v1/catalogue', { files });

  expect([status, body.detail]).toEqual([422, 'there is no document in a.yaml']);
});

test('a word that is none of those that will do is answered with them, and with the nearest', async () => {
  const listed = await ops.as('cid')('GET', '/v1/operation-plans?status=runing');
  const made = await ops.as('admin')('POST', '/v1/tokens', { kind: 'personal', person: 'ana', scope: 'aprover' });

  expect(listed.body.detail).toMatch(/^status: expected one of draft, .*, did you mean running\?$/);
  expect([made.status, made.body.detail]).toEqual([
    422,
    'scope: expected one of viewer, responder, operator, approver, admin, did you mean approver?',
  ]);
});
