import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { lookupIn } from '../../domain/catalogue/lookup.ts';
import { readDocuments } from '../../domain/catalogue/read.ts';
import type { Document } from '../../domain/document.ts';
import { objectivesOf } from '../../domain/objective/define.ts';
import { prometheusRulesOf } from '../../domain/objective/prometheus-rules.ts';
import { dashboardFiles } from '../../scripts/dashboards.ts';
import { findPromtool } from '../../scripts/prometheus.ts';
import { companyFiles } from '../domain/company.ts';
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

const promtool = findPromtool();
const check = (...files: string[]): string =>
  execFileSync(promtool!, ['check', 'rules', ...files], { encoding: 'utf8' });

test.skipIf(promtool === undefined)('Prometheus takes the rules', () => {
  expect(check(...rules).match(/SUCCESS: \d+ rules found/g)).toEqual([
    'SUCCESS: 5 rules found',
    'SUCCESS: 5 rules found',
  ]);
});

test.skipIf(promtool === undefined)('Prometheus alerts of stale data and of a budget that is nearly used, once', () => {
  const labels = 'objective="availability",service="checkout"';
  const series = (name: string, value: number, instance: string) => ({
    series: `evenkeel_objective_${name}{${labels},instance="${instance}"}`,
    values: `${value}x60`,
  });
  const story = (used: number, age: number, alerts: string[]) => ({
    interval: '1m',
    input_series: ['a', 'b'].flatMap((api) => [
      series('budget_used_ratio', used, api),
      series('data_age_seconds', age, api),
    ]),
    promql_expr_test: [
      {
        expr: 'sum by (alertname, objective) (ALERTS{alertstate="firing"})',
        eval_time: '30m',
        exp_samples: alerts.map((alert) => ({
          labels: `{alertname="${alert}",objective="availability"}`,
          value: 1,
        })),
      },
    ],
  });
  const tests = [
    story(0.9, 3600, []),
    story(0.91, 3600, ['EvenkeelErrorBudgetNearlyUsed']),
    story(0.9, 3601, ['EvenkeelObjectiveDataStale']),
  ];

  expect(testedBy(resolve('deploy/grafana/rules.yaml'), tests)).toContain('SUCCESS');
});

test.skipIf(promtool === undefined)('Prometheus understands what the dashboards ask', () => {
  const asked = expressionsOf(dashboardFiles());
  const file = join(mkdtempSync(join(tmpdir(), 'evenkeel-dashboards-')), 'asked.yaml');
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  const recorded = asked.map((expr, at) => ({ record: `asked:${at}`, expr }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules: recorded }] }));

  expect(check(file)).toContain(`SUCCESS: ${asked.length} rules found`);
});

test.skipIf(promtool === undefined)('objectives that are exported alert in Prometheus as they do here', () => {
  const documents = readDocuments(companyFiles()).documents.map(({ document }) => document);
  const slos = documents.flatMap((document) => (document.kind === 'SLO' ? [document] : []));
  const objectives = slos.flatMap((slo) =>
    objectivesOf(slo as Document<'SLO'>, lookupIn(documents), Date.UTC(2026, 0, 1)),
  );
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-objectives-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, JSON.stringify(prometheusRulesOf(objectives)));
  const story = (bad: string, windows: string[]) => ({
    interval: '1m',
    input_series: [
      { series: 'http_requests_total{job="checkout",code="200"}', values: '0+1000x180' },
      { series: 'http_requests_total{job="checkout",code="500"}', values: bad },
    ],
    promql_expr_test: [
      {
        expr: 'sum by (window) (ALERTS{alertname="ErrorBudgetBurns",alertstate="firing"})',
        eval_time: '2h',
        exp_samples: windows.map((window) => ({ labels: `{window="${window}"}`, value: 1 })),
      },
    ],
  });
  // Of 0.1 %: twenty times as fast as may be, five times, and not at all. The table asks for 13.44, 5.6, 2.8 and 0.93.
  const tests = [story('0+20x180', ['1h', '6h', '1d', '3d']), story('0+5x180', ['1d', '3d']), story('0+0x180', [])];

  expect(objectives.map(({ name }) => name)).toContain('catalog-minutes');
  expect(check(file)).toContain('SUCCESS');
  expect(testedBy(file, tests)).toContain('SUCCESS');
});

/** What promtool says of stories about a file of rules. */
const testedBy = (file: string, tests: readonly object[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-rules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const stories = join(folder, 'stories.yaml');
  writeFileSync(stories, JSON.stringify({ rule_files: [file], evaluation_interval: '1m', tests }));
  return execFileSync(promtool!, ['test', 'rules', stories], { encoding: 'utf8' });
};

const expressionsOf = (files: ReturnType<typeof dashboardFiles>): string[] =>
  files.flatMap(({ text }) => [...text.matchAll(/"expr": (".*")/g)].map(([, expr]) => JSON.parse(expr!) as string));
