import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const follow = async (path: string, headers: Record<string, string> = { accept: browser }) => {
  const reply = await fetch(`${ops.url}${path}`, { headers });
  return { status: reply.status, type: reply.headers.get('content-type') ?? '', text: await reply.text() };
};

test.each([
  [
    '/v1/approvals/plan.checkout.production.0001.approval.1',
    'evenkeel approval show plan.checkout.production.0001.approval.1',
  ],
  ['/v1/operation-plans/checkout.production.0001', 'evenkeel plan show checkout.production.0001'],
  ['/v1/operation-plans/checkout.production.0001/reports', 'evenkeel plan report checkout.production.0001'],
  ['/v1/tasks/plan.checkout.production.0001.task', 'evenkeel task show plan.checkout.production.0001.task'],
])('a person who follows %s with a browser is told how to see it', async (path, command) => {
  const { status, type, text } = await follow(path);

  expect([status, type]).toEqual([401, 'text/html; charset=utf-8']);
  expect(text).toContain(`<pre>${command}</pre>`);
  const [, operation] = /\/docs#\/[^/]+\/(\w+)"/.exec(text)!;
  expect((await follow('/openapi.json')).text).toContain(`"operationId":"${operation}"`);
});

test('a program, and whoever has a token, gets what it asks for', async () => {
  const path = '/v1/operation-plans/checkout.production.0001';
  const token = await ops.token('cid');

  expect(await follow(path, { accept: '*/*' })).toMatchObject({
    status: 401,
    type: expect.stringContaining('problem+json'),
  });
  expect(await follow(path, {})).toMatchObject({ status: 401, type: expect.stringContaining('problem+json') });
  expect(await follow(path, { accept: browser, authorization: `Bearer ${token}` })).toMatchObject({
    status: 404,
    type: expect.stringContaining('problem+json'),
  });
});

test('what is no id is not repeated', async () => {
  expect((await follow('/v1/approvals/%3Cscript%3E')).text).not.toContain('<script>');
  expect((await follow('/v1/approvals/a;rm')).type).toContain('problem+json');
});
