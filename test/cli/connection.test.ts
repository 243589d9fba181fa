import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createApi, findConnection } from '../../cli/api.ts';
import { exampleText } from '../../cli/example.ts';
import { settingFor, stateDir } from '../../cli/state.ts';
import { startFakeApi } from './fake-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-cli-'));
writeFileSync(join(folder, 'admin-token'), 'evk_admin\n');
afterAll(() => rmSync(folder, { recursive: true }));
const here = { EVENKEEL_STATE_DIR: folder };

test('without settings it is the usual address, with the token of the state folder', () => {
  expect(findConnection(here)).toEqual({ url: 'http://127.0.0.1:7480', token: 'evk_admin' });
});

test('the environment comes first', () => {
  const connection = findConnection({ ...here, EVENKEEL_URL: 'https://ops.example/', EVENKEEL_TOKEN: 'evk_mine' });

  expect(connection).toEqual({ url: 'https://ops.example', token: 'evk_mine' });
});

test('the token of the state folder is not sent to another machine', () => {
  expect(findConnection({ ...here, EVENKEEL_URL: 'https://ops.example' }).token).toBeUndefined();
});

test('what is no token is refused and not repeated', () => {
  const finding = (): unknown => findConnection({ ...here, EVENKEEL_TOKEN: 'evk_secret and\nmore' });

  expect(finding).toThrow(/^EVENKEEL_TOKEN is not a token/);
  expect(finding).not.toThrow(/secret/);
});

test('an empty state folder has no token', () => {
  expect(findConnection({ EVENKEEL_STATE_DIR: join(folder, 'none') })).toEqual({
    url: 'http://127.0.0.1:7480',
    token: undefined,
    lacking: join(folder, 'none', 'admin-token'),
  });
});

test('without a token it is said where one was looked for, and what names another folder', async () => {
  const api = await startFakeApi({ 'GET /v1/tasks': { status: 401, body: { detail: 'a token is needed' } } });
  const { lacking = '' } = findConnection({ EVENKEEL_STATE_DIR: join(folder, 'none') });

  const asked = createApi({ url: api.url, token: undefined, lacking }).get('/v1/tasks');

  await expect(asked).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining(join(folder, 'none', 'admin-token')),
    details: { hint: expect.stringContaining('EVENKEEL_STATE_DIR') },
  });
});

test('another terminal needs a setting where the state folder is not the usual one', () => {
  const usual = stateDir({ HOME: '/home/ana' });

  expect(settingFor(usual, { HOME: '/home/ana', EVENKEEL_STATE_DIR: usual })).toBeUndefined();
  expect(settingFor("/srv/ana's keel", {})).toBe(String.raw`export EVENKEEL_STATE_DIR='/srv/ana'\''s keel'`);
  expect(exampleText({ revision: 1, changes: [] }, 'export EVENKEEL_STATE_DIR=/srv/keel')).toContain(
    '  export EVENKEEL_STATE_DIR=/srv/keel\n  # Each of them needs a token',
  );
});
