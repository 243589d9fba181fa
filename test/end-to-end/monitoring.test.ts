import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../roles/port.ts';
import { findAlertmanager, findPrometheus } from '../../scripts/prometheus.ts';
import { newestIncident } from '../support/monitoring.ts';
import { type Ops, startOps } from '../support/ops.ts';

/** The programs themselves: a rule of Prometheus fires, and what it becomes here ends when it does. */
const prometheus = findPrometheus();
const alertmanager = findAlertmanager();

let ops: Ops;
let folder: string;
let isBroken = false;
/** What Prometheus scrapes. */
const shop = createServer((_request, response) => response.end(`shop_broken ${isBroken ? 1 : 0}\n`));

beforeAll(async () => {
  ops = await startOps();
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-monitoring-'));
  await new Promise<void>((listening) => shop.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  shop.close();
  shop.closeAllConnections();
  await ops.stop();
  rmSync(folder, { recursive: true, force: true });
});

const authorization = { type: 'Bearer', credentials: 'events-secret' };
const listenHere = async (): Promise<string> => `127.0.0.1:${await freePort()}`;

/** Runs a program with a configuration until the test is finished. */
const run = (
  [program, ...ahead]: [string, ...string[]],
  name: string,
  config: object,
  args: readonly string[],
): void => {
  const file = join(folder, `${name}.yml`);
  writeFileSync(file, stringify(config));
  const server = spawn(program, [...ahead, `--config.file=${file}`, ...args], { cwd: folder, stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill('SIGKILL')) await ended;
  });
};

const runPrometheus = async (service: string, notified: object): Promise<void> => {
  const rules = join(folder, `${service}.rules.yml`);
  const rule = {
    alert: 'ShopIsBroken',
    expr: 'shop_broken == 1',
    labels: { severity: 'critical', service, environment: 'production' },
    annotations: { summary: `${service} is broken` },
  };
  writeFileSync(rules, stringify({ groups: [{ name: 'shop', interval: '1s', rules: [rule] }] }));
  const scraped = `127.0.0.1:${(shop.address() as AddressInfo).port}`;
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [scraped] }] }],
    rule_files: [rules],
    alerting: { alertmanagers: [notified] },
  };
  run([prometheus!], `prometheus-${service}`, config, [
    `--storage.tsdb.path=${folder}/data-${service}`,
    `--web.listen-address=${await listenHere()}`,
    '--rules.alert.resend-delay=1s',
  ]);
};

const runAlertmanager = async (): Promise<string> => {
  const listen = await listenHere();
  const webhook = { url: `${ops.url}/v1/hooks/alertmanager/monitoring`, http_config: { authorization } };
  const config = {
    route: { receiver: 'evenkeel', group_wait: '0s', group_interval: '1s' },
    receivers: [{ name: 'evenkeel', webhook_configs: [webhook] }],
  };
  run(alertmanager!, 'alertmanager', config, [
    `--storage.path=${folder}/alertmanager`,
    `--web.listen-address=${listen}`,
    '--cluster.listen-address=',
  ]);
  return listen;
};

const alertsOf = async (source: string) => (await ops.as('cid')('GET', `/v1/alerts?source=${source}`)).body.items;

/** One alert and one incident, until both end; what is left of the alert. */
const storyOf = async (source: string, service: string) => {
  const [last] = (await ops.stores.incidents.list({ limit: 1 })).items;
  isBroken = true;
  const incident = await newestIncident(ops, last?.number);
  await incident.until(({ alerts: { firing } }) => firing === 1);
  expect(await alertsOf(source)).toMatchObject([
    { title: `${service} is broken`, service, environment: 'production', severity: 'critical', isFiring: true },
  ]);
  expect((await incident.ask('dan', 'acknowledge')).status).toBe(200);
  // It is sent again and again, and stays what it is.
  await expect
    .poll(async () => (await alertsOf(source))[0]?.['count'])
    .toBeGreaterThan(source === 'prometheus' ? 3 : 0);

  isBroken = false;
  await incident.until(({ alerts: { firing } }) => firing === 0);
  expect((await incident.ask('dan', 'resolve', { solution: 'Mended', strategy: 'restart' })).status).toBe(200);
  await incident.becomes('resolved');
  expect((await ops.stores.incidents.list({ limit: 1 })).items).toMatchObject([{ number: incident.number }]);
  return alertsOf(source);
};

test.skipIf(prometheus === undefined || alertmanager === undefined)(
  'a rule of Prometheus that fires by way of Alertmanager is one alert and one incident, and ends',
  async () => {
    const listen = await runAlertmanager();
    await runPrometheus('checkout', { static_configs: [{ targets: [listen] }] });
    expect(await storyOf('monitoring', 'checkout')).toMatchObject([{ isFiring: false }]);
  },
);

test.skipIf(prometheus === undefined)(
  'a rule of Prometheus that tells Evenkeel itself is one alert and one incident, and ends',
  async () => {
    const path_prefix = '/v1/hooks/prometheus/prometheus';
    const targets = [new URL(ops.url).host];
    await runPrometheus('orphan', { path_prefix, authorization, static_configs: [{ targets }] });
    expect(await storyOf('prometheus', 'orphan')).toMatchObject([{ isFiring: false }]);
  },
);
