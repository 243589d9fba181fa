import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertmanager, type Command, findTool, prometheus } from '../../embedded/monitoring.ts';

/** What watches the service of the demo. */
export interface Monitoring {
  /** Prometheus and Alertmanager themselves, or the demo in their place. */
  how: string;
  /** The service is broken, or well again: a stand-in has to be told. */
  observe(isBroken: boolean): Promise<void>;
  stop(): Promise<void>;
}

interface Watched {
  /** Where the service shows its metrics. */
  target: string;
  /** Where alerts go, and with which secret. */
  hook: string;
  secret: string;
}

const labels = { alertname: 'CheckoutIsDown', severity: 'critical', service: 'checkout', environment: 'production' };
const annotations = { summary: 'Nobody can pay' };

/** Starts Prometheus and Alertmanager where the machine has them; else sends what they would have sent. */
export const startMonitoring = async (watched: Watched): Promise<Monitoring> => {
  const [watching, alerting] = [findTool(prometheus), findTool(alertmanager)];
  return watching && alerting ? startReal(watched, watching, alerting) : standIn(watched);
};

const startReal = async (
  { target, hook, secret }: Watched,
  watching: Command,
  alerting: Command,
): Promise<Monitoring> => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-demo-monitoring-'));
  const [here, there] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const write = (name: string, content: object): string => {
    const file = join(folder, name);
    writeFileSync(file, stringify(content), { mode: 0o600 });
    return file;
  };
  const credentials = { authorization: { type: 'Bearer', credentials: secret } };
  const rules = write('rules.yml', {
    groups: [
      {
        name: 'checkout',
        interval: '1s',
        rules: [
          {
            alert: labels.alertname,
            expr: 'checkout_up == 0',
            labels: { ...labels, alertname: undefined },
            annotations,
          },
        ],
      },
    ],
  });
  const configs = [
    write('alertmanager.yml', {
      route: { receiver: 'evenkeel', group_wait: '0s', group_interval: '1s' },
      receivers: [{ name: 'evenkeel', webhook_configs: [{ url: hook, http_config: credentials }] }],
    }),
    write('prometheus.yml', {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      scrape_configs: [{ job_name: 'checkout', static_configs: [{ targets: [target] }] }],
      rule_files: [rules],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [there] }] }] },
    }),
  ] as const;
  const run = ([program, ...ahead]: Command, args: readonly string[]): ChildProcess =>
    spawn(program, [...ahead, ...args], { cwd: folder, stdio: 'ignore' });
  const children = [
    run(alerting, [
      `--config.file=${configs[0]}`,
      `--storage.path=${folder}/alertmanager`,
      `--web.listen-address=${there}`,
      '--cluster.listen-address=',
    ]),
    run(watching, [
      `--config.file=${configs[1]}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${here}`,
    ]),
  ];
  return {
    how: 'Prometheus and Alertmanager watch checkout',
    observe: () => Promise.resolve(),
    async stop() {
      await Promise.all(children.map(end));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
};

/** The bytes that Alertmanager would have sent. */
const standIn = ({ hook, secret }: Watched): Monitoring => {
  let brokeAt = new Date().toISOString();
  return {
    how: 'this machine has no Prometheus and Alertmanager (Debian: prometheus, prometheus-alertmanager): the demo sends their bytes',
    async observe(isBroken) {
      const at = new Date().toISOString();
      if (isBroken) brokeAt = at;
      const endsAt = isBroken ? '0001-01-01T00:00:00Z' : at;
      const status = isBroken ? 'firing' : 'resolved';
      const alert = {
        status,
        labels,
        annotations,
        startsAt: brokeAt,
        endsAt,
        generatorURL: '',
        fingerprint: 'c0ffee0000000001',
      };
      const group = { groupLabels: {}, commonLabels: labels, commonAnnotations: annotations };
      const body = {
        version: '4',
        groupKey: '{}:{}',
        truncatedAlerts: 0,
        status,
        receiver: 'evenkeel',
        externalURL: '',
        ...group,
        alerts: [alert],
      };
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
      const sent = await fetch(hook, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!sent.ok) throw new Error(`the alert was answered with ${sent.status}: ${await sent.text()}`);
    },
    stop: () => Promise.resolve(),
  };
};
