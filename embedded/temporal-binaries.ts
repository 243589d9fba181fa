import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { buildTemporal, goVersion } from './temporal-build.ts';

export const TEMPORAL_VERSION = '1.32.1';

/** A server with its schema tool, to run on PostgreSQL; or the `temporal` CLI, which brings a store of its own. */
export type TemporalBinaries =
  | { kind: 'server'; server: string; sqlTool: string; folder: string }
  | { kind: 'cli'; cli: string };

export type Found = TemporalBinaries | { kind: 'buildable'; go: string } | { kind: 'missing'; why: string };

/** Where the programs lie that Go built: one folder of the user for all state folders. */
export function temporalCache(): string {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(caches, 'evenkeel', `temporal-${TEMPORAL_VERSION}`);
}

/** Looks for a Temporal server without building one; rejects if EVENKEEL_TEMPORAL_SERVER names none. */
export async function findTemporal(): Promise<Found> {
  const named = process.env['EVENKEEL_TEMPORAL_SERVER'];
  if (named) return namedByOperator(resolve(named));

  const cache = temporalCache();
  const [server, sqlTool] = [join(cache, 'temporal-server'), join(cache, 'temporal-sql-tool')];
  if (isProgram(server) && isProgram(sqlTool)) return { kind: 'server', server, sqlTool, folder: cache };

  const go = await goVersion();
  if (go.usable) return { kind: 'buildable', go: go.version };
  const cli = onPath('temporal');
  if (cli) return { kind: 'cli', cli };
  return { kind: 'missing', why: go.why };
}

/** Finds or builds a Temporal server; rejects with the ways out if there is none and none can be built. */
export async function provideTemporal(say: (line: string) => void, signal: AbortSignal): Promise<TemporalBinaries> {
  const found = await findTemporal();
  if (found.kind === 'missing') {
    throw new Error(`There is no Temporal server, and none can be built: ${found.why}.\n${WAYS_OUT}`);
  }
  if (found.kind !== 'buildable') return found;

  const folder = temporalCache();
  const build = { folder, go: found.go, say, signal };
  const module = 'go.temporal.io/server/cmd';
  await buildTemporal({ ...build, program: 'temporal-server', source: `${module}/server@v${TEMPORAL_VERSION}` });
  await buildTemporal({ ...build, program: 'temporal-sql-tool', source: `${module}/tools/sql@v${TEMPORAL_VERSION}` });
  const [server, sqlTool] = [join(folder, 'temporal-server'), join(folder, 'temporal-sql-tool')];
  return { kind: 'server', server, sqlTool, folder };
}

/** Where Temporal's own web interface is, or who can build it; undefined if it cannot be had. */
export type FoundUi = { kind: 'server'; program: string } | { kind: 'buildable'; go: string };

/** Looks for Temporal's own web interface, beside the server first. */
export async function findTemporalUi(folder: string): Promise<FoundUi | undefined> {
  const program = [folder, temporalCache()].map((place) => join(place, 'temporal-ui-server')).find(isProgram);
  if (program) return { kind: 'server', program };
  const go = await goVersion();
  return go.usable ? { kind: 'buildable', go: go.version } : undefined;
}

/** The program of the web interface, built if need be. */
export async function provideTemporalUi(
  found: FoundUi,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  if (found.kind === 'server') return found.program;
  const source = 'github.com/temporalio/ui-server/v2/cmd/server@v2.54.1';
  const folder = temporalCache();
  await buildTemporal({ folder, go: found.go, say, signal, program: 'temporal-ui-server', source });
  return join(folder, 'temporal-ui-server');
}

export const WAYS_OUT = [
  'Ways out, any one of them:',
  '  - install Go 1.26 or newer (https://go.dev/dl/) and start again: the server is built once, in some minutes',
  '  - install the temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on the PATH',
  '  - set EVENKEEL_TEMPORAL_SERVER to a temporal-server program, with temporal-sql-tool beside it',
  '  - set DATABASE_URL and TEMPORAL_ADDRESS to servers of your own',
  '  - docker compose up',
].join('\n');

function namedByOperator(server: string): TemporalBinaries {
  if (!isProgram(server)) throw new Error(`EVENKEEL_TEMPORAL_SERVER names ${server}, which is not a program`);
  const folder = dirname(server);
  const sqlTool = [join(folder, 'temporal-sql-tool'), join(temporalCache(), 'temporal-sql-tool')].find(isProgram);
  if (!sqlTool) {
    throw new Error(`EVENKEEL_TEMPORAL_SERVER names ${server}: put temporal-sql-tool of the same version beside it`);
  }
  return { kind: 'server', server, sqlTool, folder };
}

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
