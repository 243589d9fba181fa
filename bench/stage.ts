import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers } from '../embedded/index.ts';
import { asFiles, company } from '../test/support/company.ts';
import { freePort } from '../test/support/port.ts';
import { startTarget } from '../test/support/target.ts';

export interface Stage {
  url: string;
  databaseUrl: string;
  temporalAddress: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Record<string, unknown>>;
  asPerson(person: string): Promise<Stage['ask']>;
  stop(): Promise<void>;
}

export const githubSecret = 'bench-secret';

/** The product as it ships, with full durability: servers, and every role in one process. */
export async function setStage(): Promise<Stage> {
  const stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
  chmodSync(stateDir, 0o711);
  mkdirSync(join(stateDir, 'secrets'));
  writeFileSync(join(stateDir, 'secrets', 'github'), githubSecret, { mode: 0o600 });
  const [port, target] = [await freePort(), await startTarget()];
  const url = `http://127.0.0.1:${port}`;
  const servers = await startServers({ stateDir, say: () => {}, ui: false });
  const ready = async (): Promise<boolean> => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok ?? false;
  await servers.run({
    name: 'evenkeel',
    command: process.execPath,
    args: [join(import.meta.dirname, '..', 'roles', 'main.ts'), 'all'],
    env: {
      DATABASE_URL: servers.databaseUrl,
      TEMPORAL_ADDRESS: servers.temporalAddress,
      EVENKEEL_STATE_DIR: stateDir,
      EVENKEEL_PORT: String(port),
      EVENKEEL_EGRESS_ALLOW: target.address,
      EVENKEEL_LOG_LEVEL: 'warn',
    },
    stopSignals: ['SIGTERM'],
    stopWithinMs: 4_000,
    readyWithinMs: 60_000,
    ready,
  });
  const speaker =
    (token: string): Stage['ask'] =>
    async (method, path, body, headers = {}) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Record<string, unknown>;
    };
  const admin = speaker(readFileSync(join(stateDir, 'admin-token'), 'utf8').trim());
  const step = { name: 'ship', kind: 'http' as const, url: '{{environment.url}}/ship' };
  await admin('POST', '/v1/catalogue', { files: asFiles(company({ target: target.url, steps: [step] })) });
  return {
    url,
    databaseUrl: servers.databaseUrl,
    temporalAddress: servers.temporalAddress,
    ask: admin,
    asPerson: async (person) =>
      speaker(String((await admin('POST', '/v1/tokens', { kind: 'personal', person }))['secret'])),
    async stop() {
      await servers.stop();
      await target.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
