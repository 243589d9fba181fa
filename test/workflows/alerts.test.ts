import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPrometheus } from '../../scripts/prometheus.ts';
import { type Ops, startOps } from '../support/ops.ts';

const rules = 'deploy/prometheus/alerts.yaml';
let ops: Ops;
beforeAll(async () => {
  ops = await startOps();
});
afterAll(() => ops.stop());

test('every metric that an alert looks at is there before anything is wrong', async () => {
  const reply = await fetch(`${ops.url}/metrics`, { headers: { authorization: `Bearer ${await ops.token('admin')}` } });
  const metrics = await reply.text();
  const asked = new Set(readFileSync(rules, 'utf8').match(/evenkeel_\w+/g));

  expect(asked.size).toBeGreaterThan(4);
  expect([...asked].filter((name) => !new RegExp(`^${name}[ {]`, 'm').test(metrics))).toEqual([]);
});

const prometheus = findPrometheus();
test.skipIf(prometheus === undefined)('Prometheus takes the rules', () => {
  const promtool = prometheus === 'prometheus' ? 'promtool' : join(dirname(prometheus!), 'promtool');
  expect(execFileSync(promtool, ['check', 'rules', rules], { encoding: 'utf8' })).toContain('SUCCESS: 5 rules found');
});
