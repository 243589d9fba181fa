import { describe, expect, test } from 'vitest';
import { aRun, planId } from './a-plan.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';
import { runId } from '../support/id.ts';

const why = ['--reason', 'it is late'];
const reason = 'it is late';
const plan = `/v1/operation-plans/${planId}`;

describe('a command of a plan', () => {
  test.each([
    [['pause', planId, ...why], '/pause', { reason }],
    [['resume', planId, ...why], '/resume', { reason }],
    [['cancel', planId, ...why], '/cancel', { reason }],
    [['reassess', planId, ...why], '/reassess', { reason }],
    [['retry', planId, 'roll-out', ...why], '/retry', { activity: 'roll-out', reason }],
    [['skip', planId, 'roll-out', ...why], '/skip', { activity: 'roll-out', reason }],
    [['amend', planId, '--drop', 'a', 'b', ...why], '/amend', { drop: ['a', 'b'], reason }],
    [['accept', planId, 'roll-out.shop.operator.1'], '/accept', { seat: 'roll-out.shop.operator.1' }],
    [['decline', planId, 's1', ...why], '/decline', { seat: 's1', reason }],
    [['assign', planId, 's1', 'ben', ...why], '/assign', { seat: 's1', person: 'ben', reason }],
    [['reassign', planId, 's1', '--to', 'ben', ...why], '/reassign', { seat: 's1', to: 'ben', reason }],
    [['report-status', planId, 'half way'], '/report-status', { text: 'half way' }],
  ])('%j is sent once, with a key', async (argv, path, body) => {
    const api = await startFakeApi();

    const { code, err } = await evenkeel(api.url, 'plan', ...argv);

    expect([code, err]).toEqual([0, '']);
    expect(api.heard).toMatchObject([{ method: 'POST', path: plan + path, body }]);
    expect(api.heard[0]!.headers).toMatchObject({
      authorization: 'Bearer evk_test',
      'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test.each(['retry', 'skip'])('about a step is sent to the run that is under way: %s', async (type) => {
    const ended = aRun([], { id: runId('first'), endedAt: '2026-01-01T12:00:00.000Z' });
    const api = await startFakeApi({ [`GET ${plan}/runs`]: { body: { items: [ended, aRun([])] } } });

    const { code } = await evenkeel(api.url, 'plan', type, planId, 'roll-out/warm-up', ...why);

    expect(code).toBe(0);
    const path = `/v1/runs/${aRun([]).id}/steps/warm-up/${type}`;
    expect(api.heard.at(-1)).toMatchObject({ method: 'POST', path, body: { reason } });
  });

  test('about a step of which no run is under way is refused', async () => {
    const api = await startFakeApi({ [`GET ${plan}/runs`]: { body: { items: [] } } });

    const { code, err } = await evenkeel(api.url, 'plan', 'retry', planId, 'roll-out/warm-up', ...why);

    expect([code, err]).toEqual([1, expect.stringContaining('no runbook of roll-out is under way')]);
  });

  test('that no worker has applied yet is said to be recorded', async () => {
    const api = await startFakeApi({
      [`POST ${plan}/pause`]: { status: 202, body: { command: 'c7', state: 'recorded' } },
    });

    const { code, out } = await evenkeel(api.url, 'plan', 'pause', planId, ...why);

    expect(code).toBe(0);
    expect(out).toBe('recorded; a worker will apply it as soon as one is available (evenkeel inbox show c7)\n');
  });

  test('without a reason is not sent', async () => {
    const api = await startFakeApi();

    const { code, err } = await evenkeel(api.url, 'plan', 'cancel', planId);

    expect(code).toBe(2);
    expect(err).toContain("evenkeel: required option '--reason <text>' not specified");
    expect(api.heard).toEqual([]);
  });
});

const check = ['web', 'production', 'OBS-5'];
const place = { service: 'web', environment: 'production', check: 'OBS-5' };

test.each([
  [
    ['readiness', 'attest', ...check, '--statement', 'yes', '--valid-for', '30d'],
    'POST',
    '/v1/attestations',
    { ...place, statement: 'yes', validFor: '30d' },
  ],
  [
    ['readiness', 'waive', ...check, ...why, '--valid-for', '8h'],
    'POST',
    '/v1/waivers',
    { ...place, reason, validFor: '8h' },
  ],
  [['readiness', 'grant', 'w1'], 'POST', '/v1/waivers/w1/grant', {}],
  [
    ['deployment', 'send', 'web', 'production', 'abc', '--change', 'failed', '--note', 'n'],
    'POST',
    '/v1/deployments',
    { service: 'web', environment: 'production', artifact: 'abc', change: 'failed', note: 'n' },
  ],
  [['inbox', 'redeliver', 'i1'], 'POST', '/v1/inbox/i1/redeliver', {}],
  [['token', 'revoke', 't1'], 'DELETE', '/v1/tokens/t1', undefined],
  [['task', 'complete', 't1'], 'POST', '/v1/tasks/t1/complete', { result: 'done', answers: {}, reason: '' }],
  [
    ['task', 'complete', 't1', '--failed', ...why],
    'POST',
    '/v1/tasks/t1/complete',
    { result: 'failed', answers: {}, reason },
  ],
])('%j asks the API for just that', async (argv, method, path, body) => {
  const api = await startFakeApi({
    'POST /v1/deployments': { status: 202, body: { accepted: 'i1', state: 'applied', plans: [planId] } },
    'DELETE /v1/tokens/t1': { status: 204 },
  });

  const { code } = await evenkeel(api.url, ...argv);

  expect(code).toBe(0);
  expect(api.heard).toMatchObject([{ method, path, body }]);
});

const nothing = { body: { items: [] } };

test.each([
  [
    ['plan', 'list', '--service', 'web', '--status', 'running', '--limit', '3'],
    '/v1/operation-plans?service=web&status=running&limit=3',
  ],
  [['approval', 'list', '--belongs-to', `plan/${planId}`], `/v1/approvals?belongsTo=plan%2F${planId}`],
  [['task', 'list', '--status', 'open'], '/v1/tasks?status=open'],
  [['inbox', 'list', '--state', 'dead'], '/v1/inbox?state=dead'],
  [['readiness', 'waivers', 'web', 'production'], '/v1/services/web/environments/production/waivers'],
  [['token', 'list'], '/v1/tokens'],
  [['get', 'plan-templates'], '/v1/catalogue/PlanTemplate'],
  [['get', 'PEOPLE'], '/v1/catalogue/Person'],
  [['audit', 'show', `plan/${planId}`], `${plan}/audit`],
  [['plan', 'content', planId], `${plan}/content`],
])('%j asks for %s', async (argv, path) => {
  const api = await startFakeApi({ [`GET ${path}`]: nothing });

  const { code, err } = await evenkeel(api.url, ...argv);

  expect([code, err]).toEqual([0, '']);
  expect(api.heard.map((heard) => heard.path)).toEqual([path]);
});

test('a page that is full says how to go on', async () => {
  const api = await startFakeApi({ 'GET /v1/tasks': { body: { items: [], next: 'abc' } } });

  expect((await evenkeel(api.url, 'task', 'list')).err).toBe('There may be more: continue with --after abc\n');
});

test('answers of a task are converted as its form says', async () => {
  const form = [
    { field: 'note', label: 'Note', type: 'text', required: true },
    { field: 'errors', label: 'Errors', type: 'number', required: true },
    { field: 'sure', label: 'Sure?', type: 'boolean', required: true },
  ];
  const api = await startFakeApi({ 'GET /v1/tasks/t1': { body: { form } } });

  await evenkeel(api.url, 'task', 'complete', 't1', '--set', 'note=a=1', 'errors=3', '--set', 'sure=yes');
  const wrong = await evenkeel(api.url, 'task', 'complete', 't1', '--set', 'errors=many');
  const unknown = await evenkeel(api.url, 'task', 'complete', 't1', '--set', 'mood=good');

  expect(api.heard[1]).toMatchObject({ method: 'POST', body: { answers: { note: 'a=1', errors: 3, sure: true } } });
  expect([wrong.code, wrong.err]).toEqual([2, 'evenkeel: --set errors=many: expected a number\n']);
  expect(unknown.err).toContain('fields: note, errors, sure');
});

describe('a vote', () => {
  const digest = 'd'.repeat(64);
  const asked = {
    question: 'Start?',
    since: [],
    digest,
    status: 'open',
    stage: 0,
    stages: [{ needed: 1, eligible: [] }],
    votes: [],
  };
  const answers = {
    'GET /v1/approvals/a1': { body: asked },
    'POST /v1/approvals/a1/votes': { body: { ...asked, status: 'approved' } },
  };

  test('is for the digest that the approval shows, and says which', async () => {
    const api = await startFakeApi(answers);

    const { err } = await evenkeel(api.url, 'approval', 'approve', 'a1', '--on-behalf-of', 'ben');

    expect(err).toBe(`Start?\ndigest ${digest}\n`);
    expect(api.heard.at(-1)!.body).toEqual({
      decision: 'approve',
      digest,
      stage: 0,
      reason: '',
      onBehalfOf: 'ben',
      channel: 'cli',
    });
  });

  test('for a given digest asks for no other', async () => {
    const api = await startFakeApi(answers);

    await evenkeel(api.url, 'approval', 'request-changes', 'a1', '--digest', 'e'.repeat(64), ...why);

    expect(api.heard).toMatchObject([{ body: { decision: 'request-changes', digest: 'e'.repeat(64), reason } }]);
  });

  test('for something that is no digest is not sent', async () => {
    const api = await startFakeApi(answers);

    expect((await evenkeel(api.url, 'approval', 'approve', 'a1', '--digest', 'abc')).code).toBe(2);
    expect(api.heard).toEqual([]);
  });
});

test.each([
  [['token', 'create', '--person', 'ana', '--valid-for', 'soon'], 'validFor', '--valid-for'],
  [['token', 'create', '--service', 'B!', '--team', 'shop'], 'name', '--service'],
  [['plan', 'amend', planId, '--drop', 'a', '--reason', 'r'], 'drop.0', '--drop'],
  [['deployment', 'send', 'Shop', 'live', 'abc'], 'service', 'service'],
])('what the API calls a field is called by its option: %j', async (argv, field, name) => {
  const refusal = { status: 422, body: { detail: `${field}: not so`, errors: [{ field, message: 'not so' }] } };
  const api = await startFakeApi({
    'POST /v1/tokens': refusal,
    'POST /v1/deployments': refusal,
    [`POST /v1/operation-plans/${planId}/amend`]: refusal,
  });

  const { code, err } = await evenkeel(api.url, ...argv);

  expect(code).toBe(name.startsWith('--') ? 2 : 1);
  expect(err.split('\n').at(-2)).toBe(`evenkeel: ${name}: not so`);
  expect(err).not.toContain('validFor');
});

test('an id is one part of a path, and an empty one is refused', async () => {
  const api = await startFakeApi();

  await evenkeel(api.url, 'inbox', 'redeliver', '../tokens?x');
  const empty = await evenkeel(api.url, 'plan', 'show', '');

  expect(api.heard.map(({ path }) => path)).toEqual(['/v1/inbox/..%2Ftokens%3Fx/redeliver']);
  expect(empty.code).toBe(2);
});

test('an attestation says until when it counts, and when plans look again', async () => {
  const said = { id: 'a1', expiresAt: '2999-01-01T00:00:00.000Z', freshness: '8h' };
  const api = await startFakeApi({ 'POST /v1/attestations': { status: 201, body: said } });
  const attest = ['readiness', 'attest', ...check, '--statement', 'yes', '--valid-for', '30d'];

  expect((await evenkeel(api.url, ...attest)).out).toMatch(
    /^Your attestation of OBS-5 is recorded and counts until 2999-01-01 00:00:00Z \(.*\); a plan relies on it for 8h and then looks again\n$/,
  );
  expect(JSON.parse((await evenkeel(api.url, '--json', ...attest)).out)).toEqual(said);
});
