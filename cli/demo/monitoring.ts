import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertmanager, type Command, findTool, prometheus } from '../../embedded/monitoring.ts';
import { createSupervisor, stopSurvivors, type Supervisor } from '../../embedded/supervisor.ts';

/** What watches the service of the demo. */
export interface Monitoring {
  /** Prometheus and Alertmanager themselves, or the demo in their place. */
  how: string;
  /** The service is broken, or well again: a stand-in has to be told. */
  observe(isBroken: boolean): Promise<void>;
  stop(): Promise<void>;
}

interface Watched {
  /** Where the demo keeps what it starts, so that another process finds it should this one be killed. */
  stateDir: string;
  /** Where the service shows its metrics. */
  target: string;
  /** Where alerts go, and with which secret. */
  hook: string;
  secret: string;
}

const labels = { alertname: 'CheckoutIsDown', severity: 'critical', service: 'checkout', environment: 'production' };
const annotations = { summary: 'Nobody can pay' };

/** Ends what a killed demo has left behind: it would go on sending alerts to the next one. */
export const endMonitoring = (stateDir: string): Promise<string[]> =>
  stopSurvivors(stateDir, ['prometheus', 'alertmanager']);

/** Starts Prometheus and Alertmanager where the machine has them; else sends what they would have sent. */
export const startMonitoring = async (watched: Watched): Promise<Monitoring> => {
  const [watching, alerting] = [findTool(prometheus), findTool(alertmanager)];
  return watching && alerting ? startReal(watched, watching, alerting) : standIn(watched);
};

const startReal = async (
  { stateDir, target, hook, secret }: Watched,
  watching: Command,
  alerting: Command,
): Promise<Monitoring> => {
  const folder = join(stateDir, 'monitoring');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
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
  const supervisor = createSupervisor({ stateDir, say: () => undefined });
  await run(supervisor, 'alertmanager', folder, alerting, [
    `--config.file=${configs[0]}`,
    `--storage.path=${folder}/alertmanager`,
    `--web.listen-address=${there}`,
    '--cluster.listen-address=',
  ]);
  await run(supervisor, 'prometheus', folder, watching, [
    `--config.file=${configs[1]}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${here}`,
  ]);
  return {
    how: 'Prometheus and Alertmanager watch checkout',
    observe: () => Promise.resolve(),
    async stop() {
      await supervisor.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Nothing that it writes is needed afterwards, so it is killed at once. */
const run = (
  supervisor: Supervisor,
  name: string,
  cwd: string,
  [command, ...ahead]: Command,
  args: readonly string[],
): Promise<void> =>
  supervisor.run({
    name,
    command,
    args: [...ahead, ...args],
    cwd,
    stopSignals: ['SIGKILL'],
    stopWithinMs: 1_000,
    readyWithinMs: 10_000,
  });

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
