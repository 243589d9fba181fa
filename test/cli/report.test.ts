import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PerformanceReport } from '../../domain/performance-report.ts';
import { evenkeel, startFakeApi } from './fake-api.ts';

const id = '019a0000-0000-7000-8000-000000000001';
const report: PerformanceReport = {
  id,
  title: 'Checkout \u001B[31min October',
  scope: { service: 'checkout' },
  period: { from: '2026-10-01T00:00:00.000Z', until: '2026-11-01T00:00:00.000Z' },
  isSent: false,
  orderedBy: { type: 'person', name: 'ana' },
  orderedAt: '2026-11-02T06:00:00.000Z',
  writtenAt: '2026-11-02T06:01:00.000Z',
  figures: [],
  budgets: [{ objective: 'checkout-availability', target: 0.999, used: 1.5, left: [] }],
  incidents: [
    {
      number: 12,
      title: 'Too many errors <script>',
      severity: 'SEV-2',
      service: 'checkout',
      detectedAt: '2026-10-03T10:00:00.000Z',
      minutes: 90,
    },
  ],
  repeats: [],
  problems: [],
  changes: { deployments: 0, failed: [] },
  expiring: [],
  signals: [],
  charts: { trend: [], heat: Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0)), phases: [] },
};
const written = { [`GET /v1/performance-reports/${id}`]: { body: report } };

test('a report is ordered of what is asked, and says its id', async () => {
  const body = { accepted: 'a1', state: 'delivered', report: id };
  const api = await startFakeApi({ 'POST /v1/performance-reports': { status: 202, body } });
  const order = ['--service', 'checkout', '--environment', 'production', '--period', '2026-10', '--send', '--key', 'k'];

  expect(await evenkeel(api.url, 'report', 'create', ...order)).toEqual({
    code: 0,
    out: `report ${id}: evenkeel report show ${id}\n`,
    err: '',
  });
  expect(api.heard[0]!.body).toEqual({
    service: 'checkout',
    environment: 'production',
    period: '2026-10',
    send: true,
  });
  expect(api.heard[0]!.headers['idempotency-key']).toBe('k');
});

test('one that waits for a worker says where to look', async () => {
  const api = await startFakeApi({
    'POST /v1/performance-reports': { status: 202, body: { accepted: 'a1', state: 'accepted' } },
  });
  const { out } = await evenkeel(api.url, 'report', 'create');

  expect(out).toBe('recorded; it is written as soon as it can be (evenkeel inbox show a1)\n');
  expect(api.heard[0]!.body).toEqual({});
});

test('reports are one table, and one that is not written yet says so', async () => {
  const items = [report, { ...report, id: 'r2', scope: {}, orderedBy: { type: 'system', name: 'e' }, writtenAt: null }];
  const api = await startFakeApi({ 'GET /v1/performance-reports?limit=2': { body: { items, next: 'n' } } });
  const { out, err } = await evenkeel(api.url, 'report', 'list', '--limit', '2');

  expect(out).toMatch(new RegExp(`${id} +service checkout +2026-10 +ana +2026-11-02 06:01:00Z`));
  expect(out).toMatch(/r2 +everything +2026-10 +e +not yet\n/);
  expect(err).toBe('There may be more: continue with --after n\n');
});

test('a report is shown as text that moves no cursor', async () => {
  const api = await startFakeApi(written);
  const { out } = await evenkeel(api.url, 'report', 'show', id);

  expect(out.split('\n').slice(0, 3)).toEqual([
    expect.stringContaining('# Checkout'),
    '',
    `service checkout, 2026-10; written at 2026-11-02T06:01:00.000Z; report ${id}`,
  ]);
  expect(out).toContain('| checkout-availability | 99.9 % | 150 % |');
  expect(out).not.toContain('\u001B');
});

describe('a page with charts', () => {
  const folderOf = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'evenkeel-report-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  };

  test('is written where somebody wants it, for them alone, and says its address', async () => {
    const api = await startFakeApi(written);
    const file = join(folderOf(), 'october.html');
    const { code, out } = await evenkeel(api.url, 'report', 'open', id, '--to', file);
    const page = readFileSync(file, 'utf8');

    expect([code, fileURLToPath(out.trim())]).toEqual([0, file]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(page).toContain('Too many errors &lt;script&gt;');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('\u001B');
  });

  test('is written into a new file each time, unless told where', async () => {
    const api = await startFakeApi(written);
    const open = async (): Promise<string> => fileURLToPath((await evenkeel(api.url, 'report', 'open', id)).out.trim());
    const [first, second] = [await open(), await open()];
    for (const file of [first, second]) onTestFinished(() => rmSync(join(file, '..'), { recursive: true }));

    expect(second).not.toBe(first);
    expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'));
  });

  test('is not written into a folder that there is not', async () => {
    const api = await startFakeApi(written);
    const file = join(folderOf(), 'nowhere', 'october.html');

    expect(await evenkeel(api.url, 'report', 'open', id, '--to', file)).toEqual({
      code: 2,
      out: '',
      err: `evenkeel: ${file} cannot be written\n`,
    });
  });
});

test.each(['show', 'open'])('report %s says that it is not written yet, or that there is none', async (verb) => {
  const path = `GET /v1/performance-reports/${id}`;
  const api = await startFakeApi({
    [path]: [
      { status: 409, body: { detail: `report ${id} is not written yet` } },
      { status: 404, body: { detail: `there is no report ${id}` } },
    ],
  });

  expect(await evenkeel(api.url, 'report', verb, id)).toEqual({
    code: 6,
    out: '',
    err: `evenkeel: report ${id} is not written yet\n`,
  });
  expect((await evenkeel(api.url, 'report', verb, id)).code).toBe(5);
});

test('a period that is none is named as the option that it is', async () => {
  const errors = [{ field: 'period', message: 'expected a year, a month or a day' }];
  const api = await startFakeApi({
    'POST /v1/performance-reports': { status: 422, body: { detail: `period: ${errors[0]!.message}`, errors } },
  });

  expect(await evenkeel(api.url, 'report', 'create', '--period', 'october')).toMatchObject({
    code: 2,
    err: 'evenkeel: --period: expected a year, a month or a day\n',
  });
});

test.each([
  [['create', '--key', ' a '], '--key " a ": a key has 1 to 200 letters'],
  [['create', '--month', '10'], "unknown option '--month'"],
  [['show'], "missing required argument 'id'"],
  [['open', '..'], '".." is neither a name nor an id'],
])('report %j asks nothing', async (args, said) => {
  const api = await startFakeApi();
  const { code, err } = await evenkeel(api.url, 'report', ...args);

  expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  expect(api.heard).toEqual([]);
});
