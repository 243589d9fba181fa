import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { roleCommand } from '../../cli/role.ts';
import { answersWell } from '../../embedded/http-probe.ts';
import { startServers } from '../../embedded/index.ts';
import { freePort } from '../../roles/port.ts';

const roles = ['api', 'worker', 'deliverer'] as const;
type Role = (typeof roles)[number];

export interface Pairs {
  /** Where each of the two APIs listens. */
  urls: readonly [string, string];
  adminToken: string;
  /** Ends one of the two, as a power cut would; it does not come back. */
  kill(role: Role): void;
  stop(): Promise<void>;
}

/**
 * Two of each role beside a PostgreSQL and a Temporal that are there already, as in the compose file: processes that
 * nobody starts again, with one state folder.
 */
export async function setPairs(egress: string, secrets: Record<string, string>): Promise<Pairs> {
  const stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-pairs-'));
  chmodSync(stateDir, 0o711);
  const servers = await startServers({ stateDir: join(stateDir, 'servers'), say: () => {} });
  const shared = join(stateDir, 'evenkeel');
  mkdirSync(join(shared, 'secrets'), { recursive: true });
  for (const [name, secret] of Object.entries(secrets))
    writeFileSync(join(shared, 'secrets', name), secret, { mode: 0o600 });

  const running: { role: Role; child: ChildProcess }[] = [];
  const run = (role: Role, port: number): void => {
    const { command, args } = roleCommand(role);
    const log = openSync(join(stateDir, `${role}-${running.length}.log`), 'a');
    const child = spawn(command, args, {
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        DATABASE_URL: servers.databaseUrl,
        ...servers.temporal,
        TEMPORAL_NAMESPACE: 'evenkeel',
        EVENKEEL_STATE_DIR: shared,
        EVENKEEL_PORT: String(port),
        EVENKEEL_EGRESS_ALLOW: egress,
        EVENKEEL_LOG_LEVEL: 'warn',
      },
    });
    running.push({ role, child });
  };
  const end = async ({ child }: { child: ChildProcess }): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };

  const ports = [await freePort(), await freePort()] as const;
  // All at once, on an empty database: they bring it up to date one after the other, and make one token and one key.
  for (const port of ports) for (const role of roles) run(role, port);
  const urls = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string];
  for (const url of urls) while (!(await answersWell(`${url}/readyz`))) await sleep(100);
  while (!existsSync(join(shared, 'admin-token'))) await sleep(100);
  return {
    urls,
    adminToken: readFileSync(join(shared, 'admin-token'), 'utf8').trim(),
    kill(role) {
      running.find((each) => each.role === role)?.child.kill('SIGKILL');
    },
    async stop() {
      await Promise.all(running.map(end));
      await servers.stop();
      if (process.env['FAULT_KEEP'] === undefined) rmSync(stateDir, { recursive: true, force: true });
      else console.log(stateDir);
    },
  };
}
