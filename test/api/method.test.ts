import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../api/context.ts';
import { recordViews } from '../../api/routes/record-views.ts';
import { operationsOf } from '../../api/routes/index.ts';
import { type Ops, startOps } from '../support/ops.ts';

let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

/** The map needs no servers to be read. */
const operations = operationsOf({ stores: {}, views: recordViews } as unknown as Context);
const paths = [...new Set(operations.map(({ path }) => path))];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

describe('a method that a path does not take is answered with 405 and those that it takes', () => {
  test.each([...paths, '/openapi.json', '/docs', '/'])('%s', async (path) => {
    const taken = operations
      .filter((one) => one.path === path)
      .flatMap(({ method, alsoBy }) => [method, ...(alsoBy ? [alsoBy] : [])])
      .map((method) => method.toUpperCase());
    const known = taken.length > 0 ? taken : ['GET'];
    for (const method of methods.filter((one) => !known.includes(one))) {
      const reply = await fetch(`${ops.url}${path.replaceAll(/\{\w+\}/g, 'x')}`, { method });
      const allowed = reply.headers.get('allow')?.split(', ') ?? [];

      expect([method, reply.status]).toEqual([method, 405]);
      expect(allowed.filter((one) => one !== 'HEAD').toSorted()).toEqual(known.toSorted());
      expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await reply.json()).toMatchObject({ status: 405, title: 'Method not allowed' });
    }
  });
});

test('what a path takes is said to whoever asks for that alone', async () => {
  const reply = await fetch(`${ops.url}/v1/tasks`, { method: 'OPTIONS' });

  expect([reply.status, reply.headers.get('allow')]).toEqual([204, 'GET, HEAD']);
});

test('a path that there is not is still 404, whatever is asked of it', async () => {
  for (const method of methods) expect((await fetch(`${ops.url}/v1/elephants`, { method })).status).toBe(404);
});
