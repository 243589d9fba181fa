import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { dashboardFiles } from '../../scripts/dashboards.ts';
import { findPrometheus } from '../../scripts/prometheus.ts';
import { type Ops, startOps } from '../support/ops.ts';

const rules = ['deploy/prometheus/alerts.yaml', 'deploy/grafana/rules.yaml'];
let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

test('every metric that a rule or a dashboard looks at is there before anything is wrong', async () => {
  const reply = await fetch(`${ops.url}/metrics`, { headers: { authorization: `Bearer ${await ops.token('admin')}` } });
  const metrics = await reply.text();
  const expressions = [...rules.map((file) => readFileSync(file, 'utf8')), ...expressionsOf(dashboardFiles())];
  const asked = new Set(expressions.flatMap((text) => text.match(/\bevenkeel_\w+?(?=_bucket\b|\b)/g) ?? []));

  expect(asked.size).toBeGreaterThan(15);
  expect([...asked].filter((name) => !new RegExp(`^(# TYPE )?${name}[ {]`, 'm').test(metrics))).toEqual([]);
});

test('the dashboards are those that their script makes', () => {
  expect(dashboardFiles().filter(({ path, text }) => readFileSync(path, 'utf8') !== text)).toEqual([]);
});

const prometheus = findPrometheus();
const promtool = prometheus === 'prometheus' ? 'promtool' : join(dirname(prometheus ?? ''), 'promtool');
const check = (...files: string[]): string =>
  execFileSync(promtool, ['check', 'rules', ...files], { encoding: 'utf8' });

test.skipIf(prometheus === undefined)('Prometheus takes the rules', () => {
  expect(check(...rules)).toContain('SUCCESS: 5 rules found');
});

test.skipIf(prometheus === undefined)('Prometheus understands what the dashboards ask', () => {
  const asked = expressionsOf(dashboardFiles());
  const file = join(mkdtempSync(join(tmpdir(), 'evenkeel-dashboards-')), 'asked.yaml');
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  const recorded = asked.map((expr, at) => ({ record: `asked:${at}`, expr }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules: recorded }] }));

  expect(check(file)).toContain(`SUCCESS: ${asked.length} rules found`);
});

const expressionsOf = (files: ReturnType<typeof dashboardFiles>): string[] =>
  files.flatMap(({ text }) => [...text.matchAll(/"expr": (".*")/g)].map(([, expr]) => JSON.parse(expr!) as string));
