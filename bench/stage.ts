import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, createApi } from '../cli/api.ts';
import { type Role, roleCommand } from '../cli/role.ts';
import { answersWell } from '../embedded/http-probe.ts';
import { startServers } from '../embedded/index.ts';
import { livingChildren } from '../embedded/pid-file.ts';
import { familyOf, memoryOf } from '../embedded/process.ts';
import { asFiles, company } from '../test/support/company.ts';
import { type Config, readConfig } from '../workers/config.ts';
import { freePort } from '../roles/port.ts';
import { type Mailbox, startMailbox } from '../test/support/mailbox.ts';
import { startTarget } from '../test/support/target.ts';

export interface Stage {
  url: string;
  /** What steps and probes reach. */
  target: string;
  stateDir: string;
  databaseUrl: string;
  /** How to reach Temporal, as variables. */
  temporal: Record<string, string>;
  admin: Api;
  asPerson(person: string): Promise<Api>;
  /** What was sent by mail. */
  mailbox: Mailbox;
  /** The API of each process that has one. */
  urls: readonly string[];
  /** Megabytes of each process, with its children. */
  memory(): Record<string, number>;
  /** Seconds of processor that each has used, with its children. */
  processor(): Record<string, number>;
  stop(): Promise<void>;
}

export const configOf = ({ stateDir, databaseUrl, temporal }: Stage): Config =>
  readConfig({ DATABASE_URL: databaseUrl, EVENKEEL_STATE_DIR: stateDir, ...temporal });

export const githubSecret = 'bench-secret';
export const eventsSecret = 'bench-events-secret';

/**
 * The product as it ships, with full durability: servers, and every role in one process; or, with `BENCH_EACH=2`, two
 * processes of each role.
 */
export async function setStage(each = Number(process.env['BENCH_EACH'] ?? 0)): Promise<Stage> {
  const stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
  chmodSync(stateDir, 0o711);
  mkdirSync(join(stateDir, 'secrets'));
  writeFileSync(join(stateDir, 'secrets', 'github'), githubSecret, { mode: 0o600 });
  writeFileSync(join(stateDir, 'secrets', 'events'), eventsSecret, { mode: 0o600 });
  const target = await startTarget();
  const mailbox = await startMailbox();
  const servers = await startServers({ stateDir, say: () => {} });
  const urls: string[] = [];
  const run = async (name: string, role: Role): Promise<void> => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const hasApi = role === 'all' || role === 'api';
    if (hasApi) urls.push(url);
    await servers.run({
      name,
      ...roleCommand(role),
      env: {
        DATABASE_URL: servers.databaseUrl,
        ...servers.temporal,
        EVENKEEL_STATE_DIR: stateDir,
        EVENKEEL_PORT: String(port),
        EVENKEEL_EGRESS_ALLOW: '127.0.0.0/8',
        EVENKEEL_SMTP_URL: mailbox.url,
        EVENKEEL_LOG_LEVEL: 'warn',
      },
      stopSignals: ['SIGTERM'],
      stopWithinMs: 4_000,
      readyWithinMs: 60_000,
      ...(hasApi && { ready: () => answersWell(`${url}/readyz`) }),
    });
  };
  if (each === 0) await run('evenkeel', 'all');
  for (const role of ['api', 'worker', 'deliverer'] as const)
    for (let count = 1; count <= each; count += 1) await run(`${role}-${count}`, role);
  const url = urls[0]!;
  const admin = createApi({ url, token: readFileSync(join(stateDir, 'admin-token'), 'utf8').trim() });
  const step = { name: 'ship', kind: 'http' as const, url: '{{environment.url}}/ship' };
  await admin.command('/v1/catalogue', { files: asFiles(withLanes(company({ target: target.url, steps: [step] }))) });
  return {
    url,
    target: target.url,
    urls,
    stateDir,
    databaseUrl: servers.databaseUrl,
    temporal: servers.temporal,
    admin,
    mailbox,
    async asPerson(person) {
      const { secret: token } = await admin.post<{ secret: string }>('/v1/tokens', { kind: 'personal', person });
      return createApi({ url, token });
    },
    processor: () =>
      Object.fromEntries(
        livingChildren(stateDir).map(({ name, pid }) => [
          name,
          familyOf(pid).reduce((sum, member) => sum + secondsOf(member), 0),
        ]),
      ),
    memory: () =>
      Object.fromEntries(
        livingChildren(stateDir).map(({ name, pid }) => [
          name,
          Math.round(familyOf(pid).reduce((sum, member) => sum + memoryOf(member), 0) / 2 ** 20),
        ]),
      ),
    async stop() {
      await servers.stop();
      await target.stop();
      await mailbox.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Processor time of one process and of its children that have ended, as Linux counts it. */
function secondsOf(pid: number): number {
  try {
    const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const ticks = fields.split(' ').slice(11, 15).map(Number);
    return ticks.reduce((sum, each) => sum + each, 0) / 100;
  } catch {
    return 0;
  }
}

/** Services of which each has its plans for itself, as deployments of many teams come side by side. */
export const laneNames = Array.from({ length: 16 }, (_, lane) => `checkout-${lane}`);

const withLanes = (documents: ReturnType<typeof company>): ReturnType<typeof company> => [
  ...documents,
  ...documents
    .filter(({ kind, name }) => kind === 'Service' && name === 'checkout')
    .flatMap((service) => laneNames.map((name) => ({ ...service, name }))),
];
