import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roleCommand } from '../../cli/role.ts';
import { startServers } from '../../embedded/index.ts';
import { livingChild } from '../../embedded/pid-file.ts';
import { freePort } from '../../roles/port.ts';

export const parts = ['api', 'worker', 'deliverer', 'temporal', 'postgres'] as const;
export type Part = (typeof parts)[number];

export interface Stage {
  url: string;
  adminToken: string;
  databaseUrl: string;
  /** What each role is told of its surroundings. */
  env: Record<string, string>;
  lives(part: Part): boolean;
  /** Ends a part as a power cut would; the supervisor starts it again. */
  kill(part: Part): boolean;
  /** Freezes a part, or lets it go on. */
  signal(part: Part, signal: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** Every role as a process of its own, beside real servers with full durability, all supervised. */
export async function setStage(
  egress: string,
  within = tmpdir(),
  settings: Record<string, string> = {},
): Promise<Stage> {
  const stateDir = mkdtempSync(join(within, 'evenkeel-faults-'));
  chmodSync(stateDir, 0o711);
  mkdirSync(join(stateDir, 'secrets'));
  for (const name of ['github', 'events'])
    writeFileSync(join(stateDir, 'secrets', name), `${name}-secret`, { mode: 0o600 });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const servers = await startServers({
    stateDir,
    say: () => {},
    pace: { firstMs: 300, longestMs: 300, healthyAfterMs: 1_000 },
  });
  const env = {
    DATABASE_URL: servers.databaseUrl,
    ...servers.temporal,
    TEMPORAL_NAMESPACE: 'evenkeel',
    EVENKEEL_STATE_DIR: stateDir,
    EVENKEEL_PORT: String(port),
    EVENKEEL_EGRESS_ALLOW: egress,
    EVENKEEL_LOG_LEVEL: 'warn',
    ...settings,
  };
  const role = (name: 'api' | 'worker' | 'deliverer') =>
    servers.run({
      name,
      ...roleCommand(name),
      env,
      stopSignals: ['SIGTERM'],
      stopWithinMs: 4_000,
      readyWithinMs: 60_000,
      ...(name === 'api'
        ? { ready: async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok ?? false }
        : {}),
    });
  await role('api');
  await Promise.all([role('worker'), role('deliverer')]);
  return {
    url,
    databaseUrl: servers.databaseUrl,
    env,
    adminToken: readFileSync(join(stateDir, 'admin-token'), 'utf8').trim(),
    lives: (part) => livingChild(stateDir, part) !== undefined,
    kill(part) {
      const child = livingChild(stateDir, part);
      if (!child) return false;
      process.kill(child.pid, 'SIGKILL');
      return true;
    },
    signal(part, signal) {
      const child = livingChild(stateDir, part);
      if (!child) throw new Error(`${part} does not run`);
      // PostgreSQL answers through children that are groups of their own.
      const { stdout } = spawnSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
      const children = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map(Number);
      for (const pid of [child.pid, ...children]) process.kill(pid, signal);
    },
    async stop() {
      await servers.stop();
      if (process.env['FAULT_KEEP'] === undefined) rmSync(stateDir, { recursive: true, force: true });
      else console.log(stateDir);
    },
  };
}
