import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kindOf } from '../../cli/document-kind.ts';
import { filesUnder } from '../../cli/file.ts';
import { kinds } from '../../domain/document.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-cli-'));
mkdirSync(join(folder, 'deep', '.git'), { recursive: true });
for (const name of ['b.yaml', 'deep/a.yml', 'deep/c.json', 'deep/.git/x.yaml', 'README.md']) {
  writeFileSync(join(folder, name), `# ${name}\n`);
}
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

test('folders are read to the bottom, and each file is sent once, by name', async () => {
  const changes = [
    { kind: 'Service', name: 'web', change: 'changed', lines: ['~ spec.tier: 2 -> 1'] },
    { kind: 'Team', name: 'shop', change: 'unchanged', lines: [] },
  ];
  const api = await startFakeApi({
    'POST /v1/catalogue': { body: { revision: 4, dryRun: false, changes, warnings: ['b.yaml:1:1 odd'] } },
  });

  const { code, out, err } = await evenkeel(api.url, 'apply', folder, inFolder('b.yaml'));

  const files = [inFolder('b.yaml'), inFolder('deep/a.yml'), inFolder('deep/c.json')];
  expect(api.heard[0]!.body).toMatchObject({ dryRun: false, files: files.map((path) => ({ path })) });
  expect(out).toBe('~ Service web\n    ~ spec.tier: 2 -> 1\nrevision 4: 0 added, 1 changed, 1 unchanged\n');
  expect([code, err]).toEqual([0, 'warning: b.yaml:1:1 odd\n']);
});

test('what is in no file any more is pruned by its labels, and said', async () => {
  const changes = [
    { kind: 'Team', name: 'shop', change: 'unchanged', lines: [] },
    { kind: 'Runbook', name: 'old', change: 'deleted', lines: [] },
  ];
  const api = await startFakeApi({
    'POST /v1/catalogue': { body: { revision: 5, dryRun: false, changes, warnings: [] } },
  });

  const { out } = await evenkeel(api.url, 'apply', inFolder('b.yaml'), '--prune', 'team=shop, tier=a=b');

  expect(api.heard[0]!.body).toMatchObject({ prune: { team: 'shop', tier: 'a=b' } });
  expect(out).toBe('- Runbook old\nrevision 5: 0 added, 0 changed, 1 unchanged, 1 deleted\n');
});

test('labels to prune by that are none are refused before anything is sent', async () => {
  const api = await startFakeApi();

  expect(await evenkeel(api.url, 'apply', inFolder('b.yaml'), '--prune', 'shop')).toMatchObject({
    code: 2,
    err: 'evenkeel: --prune shop: expected labels such as team=shop,tier=gold\n',
  });
  expect(api.heard).toEqual([]);
});

test('a document is deleted by kind and name', async () => {
  const api = await startFakeApi({ 'DELETE /v1/catalogue/PlanTemplate/old': { status: 204 } });

  expect(await evenkeel(api.url, 'delete', 'plan-template', 'old')).toMatchObject({
    code: 0,
    out: '- PlanTemplate old\n',
  });
});

test('problems are lines that an editor can jump to', async () => {
  const errors = ['a.yaml:3:5 spec.owner: there is no team shp', 'a.yaml:9:1 spec: is missing'];
  const api = await startFakeApi({
    'POST /v1/catalogue': { status: 422, body: { detail: '2 problems; nothing was applied', errors } },
  });

  const { code, out, err } = await evenkeel(api.url, 'apply', '--dry-run', inFolder('b.yaml'));

  expect(api.heard[0]!.body).toMatchObject({ dryRun: true });
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe(`${errors.join('\n')}\nevenkeel: 2 problems; nothing was applied\n`);
});

test('- is standard input', () => {
  expect(filesUnder([inFolder('deep/a.yml'), '-'])).toEqual(['-', inFolder('deep/a.yml')]);
});

test('a path where nothing is, is refused before anything is sent', async () => {
  const api = await startFakeApi();

  expect((await evenkeel(api.url, 'apply', inFolder('b.yaml'), inFolder('gone'))).code).toBe(2);
  expect(api.heard).toEqual([]);
});

test('a file that is no text is refused by its name before anything is sent', async () => {
  const api = await startFakeApi();
  const path = join(folder, 'picture.bin');
  for (const bytes of [
    [0xff, 0xfe, 0x00],
    [0x61, 0x00],
  ]) {
    writeFileSync(path, Buffer.from(bytes));

    const { code, err } = await evenkeel(api.url, 'apply', path);

    expect([code, err]).toEqual([2, `evenkeel: ${path} is not UTF-8 text\n`]);
  }
  expect(api.heard).toEqual([]);
});

test('a document is shown as YAML that can be applied again', async () => {
  const yaml = 'kind: Team\nmetadata:\n  name: shop\n';
  const api = await startFakeApi({
    'GET /v1/catalogue/Team/shop': { body: { kind: 'Team', name: 'shop', labels: {}, spec: {}, yaml } },
  });

  expect((await evenkeel(api.url, 'get', 'teams', 'shop')).out).toBe(yaml);
  expect((await evenkeel(api.url, 'get', 'team', 'shop', '-o', 'table')).out).toBe('NAME\nshop\n');
});

test.each(kinds)('%s is known in any case', (kind) => {
  expect(kindOf(kind.toUpperCase())).toBe(kind);
});
