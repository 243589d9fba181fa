import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findConnection } from '../../cli/api.ts';

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
  expect(findConnection({ EVENKEEL_STATE_DIR: join(folder, 'none') }).token).toBeUndefined();
});
