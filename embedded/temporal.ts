import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serverName, type TlsParties } from './certificates.ts';
import type { ChildPlan } from './child.ts';
import { hasSchema } from './databases.ts';
import { isServing } from './grpc-health.ts';
import { writeJsonFile } from './json-file.ts';
import type { Ports } from './ports.ts';
import type { Postgres } from './postgres.ts';
import { runProgram } from './program.ts';
import type { TemporalBinaries } from './temporal-binaries.ts';
import { dynamicConfig, serverConfig } from './temporal-config.ts';

export interface TemporalOptions {
  stateDir: string;
  ports: Ports;
  binaries: TemporalBinaries;
  /** Absent where the CLI runs Temporal: its server knows no TLS. */
  tls: TlsParties | undefined;
  postgres: Postgres;
  /** Time may be skipped, and timers are not put off. */
  forTests: boolean;
}

/** Which kind of server keeps the workflows of this state folder; undefined if it has none yet. */
export function keeperOf(stateDir: string): TemporalBinaries['kind'] | undefined {
  const { config, store } = filesIn(join(stateDir, 'temporal'));
  if (existsSync(config)) return 'server';
  return existsSync(store) ? 'cli' : undefined;
}

/** Where the certificates of this state folder's Temporal are. */
export const tlsFolder = (stateDir: string): string => join(stateDir, 'temporal', 'tls');

/** What only a server leaves in its folder, and what only the CLI does. */
const filesIn = (folder: string) => ({
  config: join(folder, 'server.yaml'),
  store: join(folder, 'temporal.db'),
});

/** How to run the server; its files are written by now. */
export function planTemporal(options: TemporalOptions): ChildPlan {
  const { binaries, ports, tls } = options;
  const folder = join(options.stateDir, 'temporal');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    name: 'temporal',
    stopSignals: ['SIGTERM'],
    stopWithinMs: 3000,
    ready: () => isServing(temporalAddress(ports), tls?.client),
    readyWithinMs: 60_000,
    ...(binaries.kind === 'server' && tls
      ? serverCommand(options, tls, folder, binaries.server)
      : cliCommand(options, folder, binaries)),
  };
}

/** How our own processes reach it: the variables that they read. */
export const temporalSettings = (ports: Ports, tls: TlsParties | undefined): Record<string, string> => ({
  TEMPORAL_ADDRESS: temporalAddress(ports),
  ...(tls && {
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: tls.client.ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: tls.client.certificate,
    TEMPORAL_TLS_CLIENT_KEY_PATH: tls.client.key,
    TEMPORAL_TLS_SERVER_NAME: serverName,
  }),
});

const temporalAddress = (ports: Ports): string => `127.0.0.1:${ports.frontend}`;

/** Makes Temporal's two schemas, or brings them to the version of the schema tool. */
export async function updateSchemas(postgres: Postgres, sqlTool: string): Promise<void> {
  const { socketDir, port } = postgres;
  const connection = ['--ep', 'localhost', '-p', String(port), '--ca', `host=${socketDir}`, '-u', 'temporal'];
  const update = async (database: string, schema: string): Promise<void> => {
    const tool = [sqlTool, '--plugin', 'postgres12_pgx', ...connection, '--db', database];
    if (!(await hasSchema(postgres, database))) await runProgram([...tool, 'setup-schema', '-v', '0.0']);
    await runProgram([...tool, 'update-schema', '--schema-name', schema]);
  };
  await Promise.all([
    update('temporal', 'postgresql/v12/temporal'),
    update('temporal_visibility', 'postgresql/v12/visibility'),
  ]);
}

type Command = Pick<ChildPlan, 'command' | 'args' | 'settings'>;

function serverCommand(options: TemporalOptions, tls: TlsParties, folder: string, server: string): Command {
  const { ports, postgres, forTests } = options;
  const { socketDir, port } = postgres;
  const config = serverConfig({ ports, tls: tls.server, socketDir, port, folder });
  const { config: file } = filesIn(folder);
  writeJsonFile(file, config);
  writeJsonFile(join(folder, 'dynamic.yaml'), dynamicConfig(forTests));
  // Who has a certificate of the local authority may do everything: there is no second party to tell apart.
  return { command: server, args: ['--config-file', file, '--allow-no-auth', 'start'], settings: config };
}

function cliCommand({ ports, forTests }: TemporalOptions, folder: string, binaries: TemporalBinaries): Command {
  if (binaries.kind !== 'cli') throw new Error('a Temporal server of its own has certificates');
  const settings = Object.entries(dynamicConfig(forTests)).flatMap(([key, [first]]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(first?.value)}`,
  ]);
  const where = ['--ip', '127.0.0.1', '--port', `${ports.frontend}`, '--headless'];
  const store = ['--db-filename', filesIn(folder).store];
  return {
    command: binaries.cli,
    args: ['server', 'start-dev', ...where, ...store, '--log-level', 'warn', ...settings],
  };
}
