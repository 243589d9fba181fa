import { describe, expect, test } from 'vitest';
import { planId } from './a-plan.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';

const pause = ['plan', 'pause', planId, '--reason', 'r'];
const path = `POST /v1/operation-plans/${planId}/pause`;

test.each([
  [400, 1],
  [401, 4],
  [403, 4],
  [404, 5],
  [409, 6],
  [422, 1],
  [500, 1],
])('a refusal with status %d ends with exit code %d and what the API said', async (status, expected) => {
  const api = await startFakeApi({ [path]: { status, body: { detail: 'this cannot be' } } });

  const { code, out, err } = await evenkeel(api.url, ...pause);

  expect(code).toBe(expected);
  expect(out).toBe('');
  expect(err.split('\n')[0]).toBe('evenkeel: this cannot be');
  expect(api.heard).toHaveLength(1);
});

test.each([
  ['this needs the role admin', 'See what you may do: evenkeel whoami'],
  [
    'this needs the role admin, and your token has at most approver',
    'Use a token of a greater scope; an admin creates one with: evenkeel token create --person … --scope admin',
  ],
  ['hanna was asked to take seat s1, not sven', undefined],
  ['whoever requested it cannot vote', undefined],
  ['only a person with a personal token decides', undefined],
])('a refusal has a hint where it helps: %s', async (detail, hint) => {
  const api = await startFakeApi({ [path]: { status: 403, body: { detail } } });

  const { err } = await evenkeel(api.url, ...pause);

  expect(err).toBe([`evenkeel: ${detail}`, ...(hint === undefined ? [] : [hint]), ''].join('\n'));
});

test('a key that another deployment has is named as the option that it is', async () => {
  const detail = 'this Idempotency-Key was used before with another service';
  const api = await startFakeApi({ 'POST /v1/deployments': { status: 409, body: { detail } } });

  expect(await evenkeel(api.url, 'deployment', 'send', 'web', 'production', 'abc', '--key', 'k')).toMatchObject({
    code: 6,
    err: 'evenkeel: --key k was used before with another service\n',
  });
});

test('everything that is wrong is said, each on a line', async () => {
  const errors = [
    { field: 'limit', message: 'too big' },
    { field: 'status', message: 'unknown' },
  ];
  const api = await startFakeApi({ 'GET /v1/tasks': { status: 422, body: { detail: 'limit: too big', errors } } });

  expect((await evenkeel(api.url, 'task', 'list')).err).toBe('--status: unknown\nevenkeel: --limit: too big\n');
});

test('a refused or dead deployment fails the pipeline, a gap does not', async () => {
  const answer = (state: string) => ({ status: 202, body: { accepted: 'i1', state, plans: [], reason: 'why' } });
  const api = await startFakeApi({ 'POST /v1/deployments': [answer('gap'), answer('refused')] });
  const send = ['deployment', 'send', 'web', 'production', 'abc', '--key', 'k'];

  const [gap, refused] = [await evenkeel(api.url, ...send), await evenkeel(api.url, ...send)];

  expect([gap.code, refused.code]).toEqual([0, 1]);
  expect(refused.out).toContain('refused: why');
  expect(api.heard.map(({ headers }) => headers['idempotency-key'])).toEqual(['k', 'k']);
});

describe('an API that cannot keep anything now', () => {
  const away = { status: 503, body: { detail: 'send it again' }, headers: { 'retry-after': '0' } };

  test('is asked again, with the same key', async () => {
    const api = await startFakeApi({ [path]: [away, away, { body: { command: 'c', state: 'applied' } }] });

    const { code } = await evenkeel(api.url, ...pause);

    expect(code).toBe(0);
    expect(api.heard).toHaveLength(3);
    expect(new Set(api.heard.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  test('is given up after three tries with exit code 7', async () => {
    const api = await startFakeApi({ [path]: away });

    expect((await evenkeel(api.url, ...pause)).code).toBe(7);
    expect(api.heard).toHaveLength(3);
  });

  test('is not asked twice for what would be made twice', async () => {
    const api = await startFakeApi({ 'POST /v1/tokens': away });

    expect((await evenkeel(api.url, 'token', 'create', '--person', 'ana')).code).toBe(7);
    expect(api.heard).toHaveLength(1);
  });

  test('that wants us to wait too long is not waited for', async () => {
    const api = await startFakeApi({ [path]: { ...away, headers: { 'retry-after': '60' } } });

    expect((await evenkeel(api.url, ...pause)).code).toBe(7);
    expect(api.heard).toHaveLength(1);
  });
});

test('somebody else at the address is not taken for Evenkeel', async () => {
  const api = await startFakeApi({ 'GET /v1/tasks': { headers: { 'content-type': 'text/html' } } });

  const { code, err } = await evenkeel(api.url, 'task', 'list');

  expect(code).toBe(1);
  expect(err).toContain('is not Evenkeel');
});

test('a verb or an address that is none is a matter of usage', async () => {
  expect((await evenkeel('http://127.0.0.1:1', 'plan', 'lst')).err).toContain("evenkeel: unknown command 'lst'");
  expect((await evenkeel('http://127.0.0.1:1', 'plan')).code).toBe(2);
  expect((await evenkeel('localhost:7480', 'task', 'list')).code).toBe(2);
  expect((await evenkeel('http://127.0.0.1:1', 'get', 'elephants')).code).toBe(2);
  expect((await evenkeel('http://127.0.0.1:1', 'get', 'teams', '-o', 'xml')).code).toBe(2);
  expect((await evenkeel('http://127.0.0.1:1', 'start', '--role', 'captain')).code).toBe(2);
  expect((await evenkeel('http://127.0.0.1:1', '--help')).code).toBe(0);
});

test('a ledger that does not verify ends with exit code 1 and the first bad row', async () => {
  const firstBad = { sequence: 12, entry: 'plan/x', reason: 'the entry was changed' };
  const bad = { ok: false, verified: 11, unsealed: 2, checkpoints: 1, firstBad };
  const good = { ok: true, verified: 40, unsealed: 2, checkpoints: 3 };
  const api = await startFakeApi({ 'GET /v1/audit/verification': [{ body: bad }, { body: good }] });

  const [first, second] = [await evenkeel(api.url, 'audit', 'verify'), await evenkeel(api.url, 'audit', 'verify')];

  expect(first).toMatchObject({ code: 1, out: expect.stringContaining('link 12 (plan/x): the entry was changed') });
  expect(second).toMatchObject({ code: 0, out: 'verified 40 links, 3 checkpoints, 2 not sealed yet\n' });
});

describe('a mistake that is made here is one of usage, and nobody is said to be away', () => {
  const send = ['deployment', 'send', 'web', 'production', 'abc'];
  test.each([
    ['letters of another alphabet', 'ключ-1'],
    ['signs of another continent', '鍵'],
    ['a picture', 'release 🚀'],
    ['a line feed', 'a\nb'],
    ['a NUL', 'a\0b'],
    ['nothing', ''],
    ['spaces around it', ' a '],
    ['more than can be kept', 'x'.repeat(201)],
  ])('a key of %s', async (_, key) => {
    const api = await startFakeApi();
    const { code, err } = await evenkeel(api.url, ...send, '--key', key);

    expect(code).toBe(2);
    expect(err).toMatch(/^evenkeel: --key ".*": a key has 1 to 200 letters/);
    expect(api.heard).toEqual([]);
  });

  test.each(['schlüssel', 'a b', '~!@#$%^&*()_+', 'x'.repeat(200)])('while the key %s is sent', async (key) => {
    const api = await startFakeApi({
      'POST /v1/deployments': { status: 202, body: { accepted: 'i1', state: 'gap', plans: [] } },
    });

    expect((await evenkeel(api.url, ...send, '--key', key)).code).toBe(0);
    expect(api.heard[0]!.headers['idempotency-key']).toBe(key);
  });

  test.each([
    ['a user and a password', 'http://ana:s3cret@127.0.0.1:7480'],
    ['a query', 'http://127.0.0.1:7480/?x=y'],
    ['a part of a page', 'http://127.0.0.1:7480/#x'],
    ['no address at all', 'http://'],
    ['a port that there is not', 'http://127.0.0.1:99999'],
    ['a port of another service', 'http://127.0.0.1:6000'],
    ['another scheme', 'ftp://127.0.0.1'],
  ])('an address with %s', async (_, url) => {
    const { code, err } = await evenkeel(url, 'task', 'list');

    expect(code).toBe(2);
    expect(err).not.toContain('s3cret');
    expect(err).not.toContain('reachable');
  });
});
