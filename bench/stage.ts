import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, createApi } from '../cli/api.ts';
import { roleCommand } from '../cli/role.ts';
import { answersWell } from '../embedded/http-probe.ts';
import { startServers } from '../embedded/index.ts';
import { livingChildren } from '../embedded/pid-file.ts';
import { familyOf, memoryOf } from '../embedded/process.ts';
import { asFiles, company } from '../test/support/company.ts';
import { freePort } from '../roles/port.ts';
import { startTarget } from '../test/support/target.ts';

export interface Stage {
  url: string;
  stateDir: string;
  databaseUrl: string;
  /** How to reach Temporal, as variables. */
  temporal: Record<string, string>;
  admin: Api;
  asPerson(person: string): Promise<Api>;
  /** Megabytes of each server, with its children. */
  memory(): Record<string, number>;
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
  const servers = await startServers({ stateDir, say: () => {} });
  await servers.run({
    name: 'evenkeel',
    ...roleCommand('all'),
    env: {
      DATABASE_URL: servers.databaseUrl,
      ...servers.temporal,
      EVENKEEL_STATE_DIR: stateDir,
      EVENKEEL_PORT: String(port),
      EVENKEEL_EGRESS_ALLOW: target.address,
      EVENKEEL_LOG_LEVEL: 'warn',
    },
    stopSignals: ['SIGTERM'],
    stopWithinMs: 4_000,
    readyWithinMs: 60_000,
    ready: () => answersWell(`${url}/readyz`),
  });
  const admin = createApi({ url, token: readFileSync(join(stateDir, 'admin-token'), 'utf8').trim() });
  const step = { name: 'ship', kind: 'http' as const, url: '{{environment.url}}/ship' };
  await admin.command('/v1/catalogue', { files: asFiles(company({ target: target.url, steps: [step] })) });
  return {
    url,
    stateDir,
    databaseUrl: servers.databaseUrl,
    temporal: servers.temporal,
    admin,
    async asPerson(person) {
      const { secret: token } = await admin.post<{ secret: string }>('/v1/tokens', { kind: 'personal', person });
      return createApi({ url, token });
    },
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
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
