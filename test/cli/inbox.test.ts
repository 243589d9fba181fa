import { expect, test } from 'vitest';
import { evenkeel, startFakeApi } from './fake-api.ts';

test('a list that names no state says which one it is', async () => {
  const api = await startFakeApi({ 'GET /v1/inbox?state=gap': { body: { items: [] } } });

  const { out, err } = await evenkeel(api.url, 'inbox', 'list');

  expect(out).toBe('nothing in the state gap\n');
  expect(err).toBe('These are gaps; use --state for other states, such as dead\n');
});
