import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildPlan } from './child.ts';
import { hasSchema } from './databases.ts';
import { isServing } from './grpc-health.ts';
import { answersWell } from './http-probe.ts';
import { writeJsonFile } from './json-file.ts';
import type { Ports } from './ports.ts';
import type { Postgres } from './postgres.ts';
import { runProgram } from './program.ts';
import type { TemporalBinaries } from './temporal-binaries.ts';
import { dynamicConfig, serverConfig, uiConfig } from './temporal-config.ts';

export interface TemporalOptions {
  stateDir: string;
  ports: Ports;
  binaries: TemporalBinaries;
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

/** What only a server leaves in its folder, and what only the CLI does. */
const filesIn = (folder: string) => ({
  config: join(folder, 'server.yaml'),
  store: join(folder, 'temporal.db'),
});

/** How to run the server; its files are written by now. */
export function planTemporal(options: TemporalOptions): ChildPlan {
  const { binaries } = options;
  const folder = join(options.stateDir, 'temporal');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    name: 'temporal',
    stopSignals: ['SIGTERM'],
    stopWithinMs: 3000,
    ready: () => isServing(temporalAddress(options.ports)),
    readyWithinMs: 60_000,
    ...(binaries.kind === 'server'
      ? serverCommand(options, folder, binaries.server)
      : cliCommand(options, folder, binaries.cli)),
  };
}

/** How to run Temporal's web interface. */
export function planTemporalUi(stateDir: string, ports: Ports, program: string): ChildPlan {
  const folder = join(stateDir, 'temporal-ui');
  mkdirSync(join(folder, 'config'), { recursive: true, mode: 0o700 });
  const config = uiConfig(ports);
  writeJsonFile(join(folder, 'config', 'evenkeel.yaml'), config);
  return {
    name: 'temporal-ui',
    command: program,
    args: ['--root', folder, '--env', 'evenkeel', 'start'],
    settings: config,
    stopSignals: ['SIGTERM'],
    stopWithinMs: 1000,
    ready: () => answersWell(temporalUiUrl(ports)),
    readyWithinMs: 30_000,
  };
}

export const temporalAddress = (ports: Ports): string => `127.0.0.1:${ports.frontend}`;
export const temporalUiUrl = (ports: Ports): string => `http://127.0.0.1:${ports.temporalUi}`;

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

function serverCommand(options: TemporalOptions, folder: string, server: string): Command {
  const { ports, postgres, forTests } = options;
  const { socketDir, port } = postgres;
  const config = serverConfig({ ports, socketDir, port, folder });
  const { config: file } = filesIn(folder);
  writeJsonFile(file, config);
  writeJsonFile(join(folder, 'dynamic.yaml'), dynamicConfig(forTests));
  return { command: server, args: ['--config-file', file, '--allow-no-auth', 'start'], settings: config };
}

function cliCommand({ ports, forTests }: TemporalOptions, folder: string, cli: string): Command {
  const settings = Object.entries(dynamicConfig(forTests)).flatMap(([key, [first]]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(first?.value)}`,
  ]);
  const where = ['--ip', '127.0.0.1', '--port', `${ports.frontend}`, '--ui-port', `${ports.temporalUi}`];
  const store = ['--db-filename', filesIn(folder).store];
  return { command: cli, args: ['server', 'start-dev', ...where, ...store, '--log-level', 'warn', ...settings] };
}
