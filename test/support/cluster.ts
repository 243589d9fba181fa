import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startServers } from '../../embedded/index.ts';

/** PostgreSQL and Temporal for one test run. */
export type Cluster = {
  /** The superuser on database `postgres`; create a database for each test file. */
  adminUrl: string;
  /** How to reach Temporal, as variables. */
  temporal: Record<string, string>;
  stop: () => Promise<void>;
};

/**
 * Starts servers for tests in a temporary folder. They live in a process of their own that ends with ours:
 * when its input closes, for whatever reason (`stop`, Ctrl-C, `kill -9`), it stops them and removes the folder.
 */
export async function startCluster(): Promise<Cluster> {
  const host = spawn(process.execPath, [import.meta.filename], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));

  const addresses = await new Promise<Omit<Cluster, 'stop'>>((resolve, reject) => {
    createInterface(host.stdout).once('line', (line) => resolve(JSON.parse(line)));
    host.once('error', reject).once('exit', () => reject(new Error('The test cluster did not start')));
  });
  // A test run that is done should not be kept alive by the servers.
  host.unref();

  return {
    ...addresses,
    async stop() {
      host.ref();
      host.stdin.end();
      await ended;
    },
  };
}

/** The other process: holds the servers as long as its input is open. */
async function hold(): Promise<void> {
  const asked = new AbortController();
  const end = new Promise<void>((resolve) => {
    asked.signal.addEventListener('abort', () => resolve());
  });
  process.stdin.resume().once('end', () => asked.abort());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());

  const stateDir = mkdtempSync(join(tmpdir(), 'evenkeel-test-'));
  chmodSync(stateDir, 0o711);
  try {
    const { adminUrl, temporal, stop } = await startServers({
      stateDir,
      say: (line) => console.error(`cluster: ${line}`),
      signal: asked.signal,
      maxConnections: 300,
      forTests: true,
    });
    console.log(JSON.stringify({ adminUrl, temporal }));
    await end;
    await stop();
  } catch (error) {
    // Whoever gave up meanwhile does not want to hear why it did not start.
    if (!asked.signal.aborted) throw error;
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) await hold();
